package rasa_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/rasa"
)

// TestDocs finds every key of the configuration in docs/agents/rasa.md, with its default, and no
// key that there is not.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/agents/rasa.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Keys\n")
	table, _, _ = strings.Cut(table, "\n## ")
	conf := rasa.Type().New().(*rasa.Config)
	want := map[string]string{ // the first are those of every agent
		"timeout": "`300s`", "repeat": "`" + string(rasa.Type().Repeat) + "`", "on_failure": "",
		"url": "required", "channel": "`" + conf.Channel + "`", "stream": "`" + string(conf.Stream) + "`",
		"idle_timeout": "`60s`", "sender": "`" + string(conf.Sender) + "`", "token": "", "headers": "", "secret": "",
	}
	got := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| *(.*?) *\\|").FindAllStringSubmatch(table, -1) {
		got[row[1]] = row[2]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/agents/rasa.md (-want +got):\n%s", diff)
	}
	var keys []string
	for i := range reflect.TypeFor[rasa.Config]().NumField() {
		keys = append(keys, reflect.TypeFor[rasa.Config]().Field(i).Tag.Get("yaml"))
	}
	for _, key := range slices.DeleteFunc(keys, func(k string) bool { _, ok := want[k]; return ok }) {
		t.Errorf("docs/agents/rasa.md does not have the key %s", key)
	}
	if conf.IdleTimeout.String() != "1m0s" || rasa.Type().Timeout.String() != "5m0s" {
		t.Errorf("idle_timeout %s, timeout %s", conf.IdleTimeout, rasa.Type().Timeout)
	}
}
