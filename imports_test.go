package manyvox_test

import (
	"os/exec"
	gopath "path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/manyvox/manyvox/"

// rule says what the packages of a pattern may import of ours. "a/*" stands for what
// is one level below a, "a/..." for a and all below it.
type rule struct {
	of     string
	allows []string
}

// rules follow the floor plan of docs/architecture.md: channels -> service -> agents.
// Neither a channel nor an agent knows its neighbours, and the rooms of the service
// know one another only as far as the table says. Of several rules for a package the
// first holds.
func rules() []rule {
	closets := []string{"channels", "service/journal"}
	beside := append([]string{"service/worker", "service/ratelimit", "service/metrics", "service/channellog", "config"}, closets...)
	rooms := append([]string{"service/instance", "service/auth"}, beside...)
	return []rule{
		{"proto", nil},
		{"config", nil},
		{"gen/...", []string{"gen/..."}},
		{"channels", nil},
		{"channels/builtin", []string{"channels", "channels/*", "channels/*/*test"}},
		{"channels/channeltest", []string{"channels", "config"}},
		{"channels/markup", []string{"channels"}},
		{"channels/*", []string{"channels", "channels/markup", "config"}},
		{"channels/*/*test", []string{"channels", "config"}}, // the fake of a channel does not know it
		{"agents", []string{"channels"}},
		{"agents/builtin", []string{"agents", "agents/*"}},
		{"agents/remote", []string{"agents", "channels", "config", "gen/..."}},
		{"agents/*", []string{"agents", "channels", "config"}},
		{"agents/rasa/rasatest", nil}, // a Rasa for tests, whoever runs them

		{"service/journal", []string{"channels"}},
		{"service/journal/scheduler", closets},
		{"service/journal/builtin", []string{"service/journal", "service/journal/*"}},
		{"service/journal/postgres/pgtest", nil}, // a server for tests, whoever runs them
		{"service/journal/postgres", append([]string{"config"}, closets...)},
		{"service/journal/*", append([]string{"config", "service/journal/scheduler"}, closets...)},
		{"service/worker", closets},
		{"service/ratelimit", closets},
		{"service/metrics", closets},
		{"service/channellog", []string{"channels"}},
		{"service/instance", beside},
		{"service/auth", append([]string{"service/instance"}, closets...)},
		{"service/intake", rooms},
		{"service/media", append([]string{"service/instance"}, closets...)},
		{"service/delivery", rooms},
		{"service/turn", append([]string{"agents"}, rooms...)},
		{"service/push", []string{"agents", "channels", "service/instance", "service/journal"}},
		{"service/rpc", append([]string{"gen/...", "service/push", "service/instance", "service/auth", "service/channellog"}, closets...)},
		{"service/server", []string{"channels", "service/instance", "service/auth", "service/metrics", "service/channellog"}},
		{"service/openapi", nil},
		{"service/openapi/generate", []string{"channels"}}, // `make generate` runs it
		{"service/setup", append([]string{"config", "agents", "service/instance", "service/channellog"}, closets...)},
		{"service/bench", nil},
		{"service/wire", nil},          // tests alone, of the whole program
		{"service/bench/against", nil}, // runs git and go
		{"service/servicetest", append([]string{ // no rule allows it to anyone: only tests import it
			"agents", "channels/rest", "gen/...", "service", "service/journal/memory", "service/setup",
		}, rooms...)},
		{"service", append([]string{
			"agents", "service/intake", "service/turn", "service/delivery", "service/rpc", "service/server", "service/setup", "service/media", "service/push",
			"service/openapi",
		}, rooms...)},

		{"web", nil}, // files alone
		{"cmd", []string{
			"service", "service/setup", "service/rpc", "service/journal",
			"config", "channels", "agents", "proto", "gen/...", "web",
		}},
		{"cmd/cmdtest", []string{"cmd"}},
		{"cmd/*", []string{"cmd", "channels/builtin", "agents/builtin", "service/journal/builtin"}},
		{"examples/clients", nil},                  // a description: its tests lead programs in other modules
		{"examples/goclient", []string{"gen/..."}}, // a client needs the published API alone
	}
}

// violations returns the imports that no rule allows to a package.
func violations(pkg string, imports []string) (bad []string) {
	i := slices.IndexFunc(rules(), func(r rule) bool { return matches(r.of, pkg) })
	if i < 0 {
		return []string{pkg + " has no rule: add one"}
	}
	for _, path := range imports {
		ours, ok := strings.CutPrefix(path, module)
		if ok && !slices.ContainsFunc(rules()[i].allows, func(pattern string) bool { return matches(pattern, ours) }) {
			bad = append(bad, pkg+" imports "+ours)
		}
	}
	return bad
}

func matches(pattern, path string) bool {
	if root, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == root || strings.HasPrefix(path, root+"/")
	}
	matched, err := gopath.Match(pattern, path)
	return matched && err == nil
}

func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{if .GoFiles}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		for _, bad := range violations(strings.TrimPrefix(fields[0], module), fields[1:]) {
			t.Error(bad)
		}
	}
}

// TestViolations makes up an import against each rule.
func TestViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, path string
		ok        bool
	}{
		{"proto", "channels", false},
		{"gen/manyvox/v1", "channels", false},
		{"gen/manyvox/v1/manyvoxv1connect", "gen/manyvox/v1", true},
		{"config", "channels", false},
		{"channels", "config", false},
		{"channels", "agents", false},
		{"channels", "gen/manyvox/v1", false},
		{"channels/builtin", "channels/slack", true},
		{"channels/builtin", "agents/echo", false},
		{"channels/builtin", "channels/slack/slacktest", true},
		{"channels/slack", "channels/slack/slacktest", false},
		{"channels/slack/slacktest", "channels/slack", false},
		{"channels/slack/slacktest", "channels", true},
		{"channels/slack", "channels", true},
		{"channels/slack", "channels/telegram", false},
		{"channels/slack", "channels/markup", true},
		{"channels/markup", "channels", true},
		{"channels/markup", "config", false},
		{"channels/slack", "service", false},
		{"channels/channeltest", "channels/slack", false},
		{"service/journal", "service", false},
		{"service/journal/builtin", "service/journal/sqlite", true},
		{"service/journal/scheduler", "channels", true},
		{"service/journal/scheduler", "config", false},
		{"service/journal/sqlite", "service/journal/scheduler", true},
		{"service/journal/memory", "service/journal/scheduler", true},
		{"service/journal/postgres", "service/journal/scheduler", false},
		{"service/journal/sqlite", "channels", true},
		{"service/journal/sqlite", "service/journal/postgres", false},
		{"service/journal/postgres", "service/journal/scheduler", false},
		{"service/journal/sqlite", "service/journal/scheduler", true},
		{"service/journal/scheduler", "config", false},
		{"service/intake", "service/turn", false},
		{"service/intake", "service/delivery", false},
		{"service/intake", "service/worker", true},
		{"service/delivery", "service/intake", false},
		{"service/delivery", "agents", false},
		{"service/turn", "agents", true},
		{"service/turn", "service/intake", false},
		{"service/turn", "service/delivery", false},
		{"service/rpc", "gen/manyvox/v1", true},
		{"service/rpc", "service/intake", false},
		{"service/server", "service/rpc", false},
		{"service/server", "service/journal", false},
		{"service/instance", "service/auth", false},
		{"service/worker", "service/metrics", false},
		{"service/setup", "service", false},
		{"service", "gen/manyvox/v1", false},
		{"service", "service/intake", true},
		{"service", "channels/rest", false},
		{"service", "agents/echo", false},
		{"service", "service/journal/sqlite", false},
		{"service", "web", false},
		{"web", "channels", false},
		{"cmd", "web", true},
		{"agents", "service", false},
		{"agents/builtin", "agents/echo", true},
		{"agents/builtin", "channels/rest", false},
		{"agents/remote", "gen/manyvox/v1", true},
		{"agents/remote", "service", false},
		{"agents/rasa", "channels", true},
		{"agents/rasa", "gen/manyvox/v1", false},
		{"agents/rasa", "agents/echo", false},
		{"cmd", "service", true},
		{"cmd", "gen/manyvox/v1", true},
		{"cmd", "channels/builtin", false},
		{"cmd/manyvox", "channels/builtin", true},
		{"cmd/manyvox", "service", false},
		{"service/bench", "service", false},
		{"service/bench/against", "service", false},
		{"service/servicetest", "service", true},
		{"service/servicetest", "service/intake", false},
		{"service", "service/servicetest", false},
		{"service/intake", "service/servicetest", false},
		{"cmd", "service/servicetest", false},
		{"examples/goclient", "gen/manyvox/v1", true},
		{"examples/goclient", "channels", false},
	} {
		t.Run(c.pkg+" imports "+c.path, func(t *testing.T) {
			t.Parallel()
			var want []string
			if !c.ok {
				want = []string{c.pkg + " imports " + c.path}
			}
			if diff := cmp.Diff(want, violations(c.pkg, []string{"fmt", module + c.path})); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"util has no rule: add one"}, violations("util", nil)); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}
