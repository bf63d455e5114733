package openai_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents/openai"
)

// TestDocs finds every key of the configuration in docs/agents/openai.md, and no key in its table
// that there is not.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/agents/openai.md")
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(page), "\n## ")
	known := map[string]bool{"timeout": true, "repeat": true, "on_failure": true} // those of every agent
	for _, key := range keysOf(reflect.TypeFor[openai.Config]()) {
		known[key] = true
		if !regexp.MustCompile("(?m)^\\| `" + key + "[:`]").MatchString(table) {
			t.Errorf("docs/agents/openai.md does not have the key %s", key)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)(?:: \\{([^}]*)\\})?`").FindAllStringSubmatch(table, -1) {
		if !known[row[1]] {
			t.Errorf("docs/agents/openai.md has the key %s, which there is not", row[1])
		}
	}
	for name, of := range map[string]reflect.Type{
		"history": reflect.TypeFor[openai.Window](), "budget": reflect.TypeFor[openai.Budget](), "transcribe": reflect.TypeFor[openai.Transcribe](),
	} {
		row := regexp.MustCompile("(?m)^\\| `" + name + ": \\{([^}]*)\\}`").FindStringSubmatch(table)
		if row == nil {
			t.Errorf("docs/agents/openai.md does not have the keys under %s", name)
			continue
		}
		for _, key := range keysOf(of) {
			if !strings.Contains(", "+row[1]+",", ", "+key+",") {
				t.Errorf("docs/agents/openai.md does not have the key %s.%s", name, key)
			}
		}
	}
}

// keysOf returns the keys of a block, those of embedded structs too.
func keysOf(of reflect.Type) (keys []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		switch key := f.Tag.Get("yaml"); {
		case f.Anonymous:
			keys = append(keys, keysOf(f.Type)...)
		case key != "":
			keys = append(keys, key)
		}
	}
	return keys
}
