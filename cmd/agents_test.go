package cmd_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// namedAgent answers with its name, and says it when it is probed.
type namedAgent struct {
	Says string `yaml:"says"`
	Down bool   `yaml:"down"`
}

func namedType() agents.Type {
	return agents.Type{Name: "named", New: func() agents.Config { return &namedAgent{} }}
}

func (a *namedAgent) Validate() error { return nil }

func (a *namedAgent) Open(agents.Env) (agents.Agent, error) { return a, nil }

func (a *namedAgent) Answer(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	return r.Reply(ctx, channels.Reply{Text: a.Says})
}

func (a *namedAgent) Probe(context.Context) (string, error) {
	if a.Down {
		return "", errors.New("it is down")
	}
	return "I am " + a.Says, nil
}

// withNamed is a program that knows the type named.
func withNamed() *program {
	p := newProgram()
	p.Agents = append(p.Agents, namedType())
	return p
}

const (
	twoChannels = "rest: {open: true}\nkiosk: {type: rest, open: true, agent: b}\n"
	threeAgents = `agents:
  a: {type: named, says: A, fallback: b}
  b: {type: named, says: B, down: true, timeout: 30s}
  c: {type: echo}
routes:
  - {channel: rest, metadata: {vip: true}, agent: c}
  - {channel: kiosk, input_channel: phone, agent: a}
default: a
store: {type: memory}
`
)

// Each agent is probed under its name, and one that is down fails the command. One that cannot
// be asked says nothing.
func TestCheckProbesEachAgent(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"credentials.yml": twoChannels, "endpoints.yml": threeAgents})
	flags := []string{
		"check", "--probe", "--data-dir", dir, "--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
	}
	got := withNamed().runToEnd(t, dir, flags...)
	const want = "probe: agent a: I am A\nprobe: agent b: failed: it is down\n"
	if got.code != 1 || got.err != "manyvox: 1 probe failed\n" || !strings.Contains(got.out, want) || strings.Contains(got.out, "probe: agent c") {
		t.Errorf("%+v, want %s", got, want)
	}

	got = withNamed().runToEnd(t, dir, append(flags, "--json")...)
	var report map[string]any
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || got.code != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	wantJSON := map[string]any{
		"agent": map[string]any{"type": "named", "timeout": "2m0s"},
		"agents": []any{
			map[string]any{"name": "a", "type": "named", "timeout": "2m0s", "fallback": "b"},
			map[string]any{"name": "b", "type": "named", "timeout": "30s"},
			map[string]any{"name": "c", "type": "echo", "timeout": "2m0s"},
		},
		"routes": []any{
			map[string]any{"channel": "rest", "metadata": map[string]any{"vip": true}, "agent": "c"},
			map[string]any{"channel": "kiosk", "input_channel": "phone", "agent": "a"},
			map[string]any{"channel": "kiosk", "agent": "b"},
			map[string]any{"agent": "a"},
		},
		"probes": []any{map[string]any{"of": "agent a", "says": "I am A"}, map[string]any{"of": "agent b", "error": "it is down"}},
	}
	for key, want := range wantJSON {
		if diff := cmp.Diff(want, report[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

// --connector starts one channel. The routes and agents of the others are no mistake then, and
// who answers stays the same.
func TestOneConnectorOfSeveralAgents(t *testing.T) {
	t.Parallel()
	flags := localFlags(t, twoChannels, threeAgents)
	for connector, want := range map[string]string{
		"rest": "route: channel rest, metadata vip=true -> c\nroute: channel kiosk, input_channel phone -> a\nroute: the rest -> a\n",
		"kiosk": "route: channel rest, metadata vip=true -> c\nroute: channel kiosk, input_channel phone -> a\n" +
			"route: channel kiosk -> b\nroute: the rest -> a\n",
	} {
		got := withNamed().runToEnd(t, "", append([]string{"check", "--data-dir", t.TempDir(), "--connector", connector}, flags[4:]...)...)
		if got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("%s: %+v, want %s", connector, got, want)
		}
	}
	r := withNamed().start(t, append(flags, "--connector", "rest")...)
	r.answers(t, map[string]string{`{"message":"hi"}`: "A", `{"message":"hi","metadata":{"vip":true}}`: "hi"})
}

// answers checks who answers what on the channel rest.
func (r *running) answers(t *testing.T, want map[string]string) {
	t.Helper()
	for body, text := range want {
		res, got := r.post("", body)
		var replies []struct{ Text string }
		if err := json.Unmarshal([]byte(got), &replies); err != nil || res.StatusCode != http.StatusOK || len(replies) != 1 || replies[0].Text != text {
			t.Errorf("%s: %d %s, want %s", body, res.StatusCode, got, text)
		}
	}
}

// A reload switches who answers: the next message is answered by another, by each kind of route.
func TestReloadSwitchesWhoAnswers(t *testing.T) {
	t.Parallel()
	r := &reloaded{dir: t.TempDir()}
	r.write(t, "credentials.yml", twoChannels)
	r.write(t, "endpoints.yml", threeAgents)
	r.running = withNamed().start(t, "--port", "0", "--interface", "127.0.0.1",
		"--credentials", filepath.Join(r.dir, "credentials.yml"), "--endpoints", filepath.Join(r.dir, "endpoints.yml"))
	const plain, vip, phone = `{"message":"hi"}`, `{"message":"hi","metadata":{"vip":true}}`, `{"message":"hi","input_channel":"phone"}`
	r.answers(t, map[string]string{plain: "A", vip: "hi", phone: "A"})
	for _, c := range []struct {
		name, from, to, file string
		change               string // of the agents
		want                 map[string]string
	}{
		{"the default", "default: a", "default: b", "endpoints.yml", "changed", map[string]string{plain: "B", vip: "hi", phone: "B"}},
		{"a route", "vip: true}, agent: c", "vip: true}, agent: a", "endpoints.yml", "changed", map[string]string{plain: "B", vip: "A", phone: "B"}},
		{"what an agent says", "says: A", "says: other", "endpoints.yml", "changed", map[string]string{plain: "B", vip: "other", phone: "B"}},
		{"a route to another channel", "channel: kiosk, input", "channel: rest, input", "endpoints.yml", "changed", map[string]string{plain: "B", vip: "other", phone: "other"}},
		{"the channel's own", "rest: {open: true}", "rest: {open: true, agent: c}", "credentials.yml", "changed", map[string]string{plain: "hi", vip: "other", phone: "other"}},
		{"a mistake", "default: b", "default: d", "endpoints.yml", "", map[string]string{plain: "hi", vip: "other", phone: "other"}},
	} {
		r.edit(t, c.file, c.from, c.to)
		got := r.command(t, "reload")
		if c.change != "" && !strings.Contains(got.out, "agent: "+c.change+"\n") || (got.code != 0) != (c.change == "") {
			t.Errorf("%s: %+v", c.name, got)
		}
		r.answers(t, c.want)
	}
	if got := r.command(t, "status"); !strings.Contains(got.out, "\nAGENT   TYPE    TURNS   AT MOST  BREAKER\na       named   0                closed\nb       named   0                closed\nc       echo    0                closed\n") {
		t.Errorf("status %s%s", got.out, got.err)
	}
}

var (
	_ agents.Config   = (*namedAgent)(nil)
	_ agents.Agent    = (*namedAgent)(nil)
	_ channels.Prober = (*namedAgent)(nil)
)
