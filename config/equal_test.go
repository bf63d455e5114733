package config_test

import (
	"testing"

	"github.com/manyvox/manyvox/config"
)

func TestBlockEqual(t *testing.T) {
	t.Parallel()
	values := map[string]string{"A": "one", "B": "one", "C": "two"}
	expander := &config.Expander{
		LookupEnv: func(name string) (string, bool) { v, ok := values[name]; return v, ok },
		ReadFile:  func(path string) ([]byte, error) { return []byte(values[path[1:]]), nil },
	}
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"nothing", "", "", true},
		{"the same", "a: 1\nb: [x, {c: y}]", "a: 1\nb: [x, {c: y}]", true},
		{"another place", "a: 1\nb: 2", "# mine\n\nb: 2\n\na:   1", true},
		{"another order below", "x: {a: 1, b: 2}", "x:\n  b: 2\n  a: 1\n", true},
		{"another style", "a: {b: c}", "a:\n  b: \"c\"\n", true},
		{"another value", "a: 1", "a: 2", false},
		{"another type", "a: 1", "a: \"1\"", false},
		{"a key more", "a: 1", "a: 1\nb: 2", false},
		{"a key more below", "x: {a: 1}", "x: {a: 1, b: 2}", false},
		{"another key", "a: 1", "b: 1", false},
		{"another key below", "x: {a: 1}", "x: {b: 1}", false},
		{"another order of a list", "a: [1, 2]", "a: [2, 1]", false},
		{"a longer list", "a: [1]", "a: [1, 2]", false},
		{"no value", "a:", "a: ~", true},
		{"a value and none", "a:", "a: x", false},
		{"a text of lines", "a: |\n  x\n", "a: |\n  x\n", true},
		{"another text of lines", "a: |\n  x\n", "a: |\n  y\n", false},
		{"two references of one value", "a: ${A}", "a: ${B}", true},
		{"a reference and its value", "a: ${A}", "a: one", true},
		{"references of two values", "a: ${A}", "a: ${C}", false},
		{"files", "a: ${file:/A}", "a: ${file:/C}", false},
		{"a quoted reference", "a: '${A}'", "a: ${A}", false},
		{"an alias", "x: &x {a: 1}\ny: *x", "x: {a: 1}\ny: {a: 1}", true},
		{"a merge", "x: &x {a: 1}\ny: {<<: *x, b: 2}", "x: {a: 1}\ny: {a: 1, b: 2}", true},
		{"truths", "a: true", "a: false", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, err := config.Parse("a.yml", []byte(c.a), expander)
			if err != nil {
				t.Fatal(err)
			}
			b, err := config.Parse("b.yml", []byte(c.b), expander)
			if err != nil {
				t.Fatal(err)
			}
			if a.Equal(b) != c.want || b.Equal(a) != c.want || !a.Equal(a) {
				t.Errorf("%q and %q are equal: %v and %v, want %v", c.a, c.b, a.Equal(b), b.Equal(a), c.want)
			}
		})
	}
}

// A reference is compared by its value at the time: a reload finds what has changed.
func TestBlockEqualAfterExpansion(t *testing.T) {
	t.Parallel()
	value := "before"
	expander := &config.Expander{LookupEnv: func(string) (string, bool) { return value, true }}
	parse := func() *config.Block {
		b, err := config.Parse("a.yml", []byte("a: {token: \"x${TOKEN}\"}"), expander)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	before, same := parse(), parse()
	value = "after"
	if after := parse(); !before.Equal(same) || before.Equal(after) {
		t.Error("blocks are not compared by what their references name")
	}
}
