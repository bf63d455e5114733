package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// anyValue has fields that take any value.
type anyValue struct {
	Value  json.RawMessage            `yaml:"value"`
	Values map[string]json.RawMessage `yaml:"values"`
}

func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"a whole number", "value: 42", `42`},
		{"a large number", "value: 18446744073709551615", `18446744073709551615`},
		{"hexadecimal", "value: 0x1F", `31`},
		{"digits are kept", "value: 0.20", `0.20`},
		{"a number as only YAML writes it", "value: .5", `0.5`},
		{"a boolean", "value: true", `true`},
		{"a text", "value: a<b>é", `"a<b>é"`},
		{"a quoted number", `value: "42"`, `"42"`},
		{"a single-quoted boolean", `value: 'true'`, `"true"`},
		{"a block of text", "value: |-\n  a\n  b\n", `"a\nb"`},
		{"a list", "value: [1, a, [true, null]]", `[1,"a",[true,null]]`},
		{"a list with dashes", "value:\n- 1\n- b: 2\n", `[1,{"b":2}]`},
		{"keys in their order", "value: {z: 1, a: {b: \"c\"}}", `{"z":1,"a":{"b":"c"}}`},
		{"one key", "value:\n  a: 1\n", `{"a":1}`},
		{"a reference to a text", "value: ${SET}", `"value"`},
		{"a default that is a number", "value: ${UNSET_:-0.5}", `0.5`},
		{"a quoted default", `value: "${UNSET_:-0.5}"`, `"0.5"`},
		{"an anchor", "x-a: &a {b: 1}\nvalue: *a", `{"b":1}`},
		{"merged keys", "x-a: &a {b: 1, c: 2}\nvalue: {<<: *a, c: 3}", `{"b":1,"c":3}`},
		{"nothing", "value:", ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got anyValue
			if err := decode(c.yaml, &got); err != nil {
				t.Fatal(err)
			}
			if string(got.Value) != c.want {
				t.Errorf("got %s, want %s", got.Value, c.want)
			}
			if len(got.Value) > 0 && !json.Valid(got.Value) {
				t.Errorf("%s is not JSON", got.Value)
			}
		})
	}
}

// TestDecodeJSONValues keeps a key without a value apart from one that is not there.
func TestDecodeJSONValues(t *testing.T) {
	t.Parallel()
	var got anyValue
	if err := decode("values: {a: 1, b: null, c: [x]}", &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]json.RawMessage{"a": json.RawMessage("1"), "b": nil, "c": json.RawMessage(`["x"]`)}
	if diff := cmp.Diff(want, got.Values); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{"value: .inf", "value: -.inf", "value: .nan", "value: [1, .nan]", "value: {a: .inf}"} {
		err := decode("x-first:\n"+yaml, &anyValue{})
		if err == nil || !strings.HasPrefix(err.Error(), "c.yml:2: channel rest: value: ") {
			t.Errorf("%s: error %v", yaml, err)
		}
	}
}
