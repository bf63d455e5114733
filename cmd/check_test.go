package cmd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, credentials, endpoints, want string }{
		{
			name:        "channels of all sorts",
			credentials: "rest:\nkiosk:\n  type: rest\n  token: s3cret\n",
			endpoints:   "agent: {type: echo, timeout: 30s}\n",
			want: `CHANNEL  TYPE  CAPABILITIES                        MISSING
rest     rest  address, receive, rpc, send, token  token
kiosk    rest  address, receive, rpc, send, token  nothing

agent: echo, at most 30s a turn
warning: channel rest: anyone who reaches the port may write: set token in its block, or --auth-token
`,
		},
		{
			name:        "what rasa init writes",
			credentials: "rest:\nrasa:\n  url: http://localhost:5002/api\n",
			endpoints:   "action_endpoint: {url: x}\nagent: {type: echo}\n",
			want: `CHANNEL  TYPE  CAPABILITIES                        MISSING
rest     rest  address, receive, rpc, send, token  token

agent: echo, at most 2m0s a turn
note: credentials.yml:2: rasa: skipped: this version has no such channel
note: endpoints.yml:1: action_endpoint: ignored: it is for the Rasa server
warning: channel rest: anyone who reaches the port may write: set token in its block, or --auth-token
`,
		},
		{
			name:        "several agents",
			credentials: "rest:\nkiosk: {type: rest, token: s3cret, agent: model}\n",
			endpoints: `agents:
  main: {type: echo, fallback: model}
  model: {type: echo, timeout: 30s}
routes:
  - {channel: rest, metadata: {vip: true, level: 2}, agent: model}
default: main
`,
			want: `CHANNEL  TYPE  CAPABILITIES                        MISSING
rest     rest  address, receive, rpc, send, token  token
kiosk    rest  address, receive, rpc, send, token  nothing

agent main: echo, at most 2m0s a turn, fallback model
agent model: echo, at most 30s a turn
route: channel rest, metadata level=2, metadata vip=true -> model
route: channel kiosk -> model
route: the rest -> main
warning: channel rest: anyone who reaches the port may write: set token in its block, or --auth-token
`,
		},
		{
			name:        "no channel",
			credentials: "# none\n",
			endpoints:   echoes,
			want: `CHANNEL  TYPE  CAPABILITIES  MISSING

agent: echo, at most 2m0s a turn
warning: credentials.yml:1: names no channel
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, map[string]string{"credentials.yml": c.credentials, "endpoints.yml": c.endpoints})
			got := runToEnd(t, dir, "check",
				"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"))
			if diff := cmp.Diff(outcome{out: c.want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// check reports the mistakes that run reports, all of them at once.
func TestCheckMistakes(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"credentials.yml": "rset:\n", "endpoints.yml": "agent: {type: ecco}\n"})
	got := runToEnd(t, dir, "check",
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"))
	want := outcome{code: 2, err: `manyvox: credentials.yml:1: unknown channel "rset": did you mean "rest"?
manyvox: endpoints.yml:1: agent: unknown type "ecco": did you mean "echo"?
`}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// check prints what the journal holds, and warns of channels that are not configured any more.
func TestCheckJournal(t *testing.T) {
	t.Parallel()
	d := newSharedStore(t)
	d.addUndelivered(t, "rest", "ann", "Bye", "gone")
	d.push(t, "rest", "ann", "Hello")
	for i := range 2 {
		m := channels.Message{Channel: "sales", Sender: "ann", ID: string(rune('a' + i)), Received: time.Now()}
		if _, err := d.Enqueue(t.Context(), journal.Entry{Message: m, Window: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	d.push(t, "sales", "ann", "Hello")
	d.openedBy = "a program that runs"
	dir := files(t, map[string]string{"credentials.yml": "rest:\n", "endpoints.yml": echoes})
	args := []string{"check", "--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"), "--data-dir", "data"}
	got := programWith(t, d, 5000).runToEnd(t, dir, args...)
	const want = `CHANNEL  TYPE  CAPABILITIES                        MISSING
rest     rest  address, receive, rpc, send, token  token

agent: echo, at most 2m0s a turn
journal: shared, data/shared, 4.9 KiB, 1 dead letter
  rest: 1 part to be sent
  sales: 2 messages to be answered, 1 part to be sent
`
	const (
		warning = "warning: channel sales is not configured any more: what waits for it waits until it returns\n"
		anyone  = "warning: channel rest: anyone who reaches the port may write: set token in its block, or --auth-token\n"
	)
	if diff := cmp.Diff(outcome{out: want + warning + anyone}, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	one := programWith(t, d, 5000).runToEnd(t, dir, append(args, "--connector", "rest")...)
	if diff := cmp.Diff(outcome{out: want + anyone}, one, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("one channel alone (-want +got):\n%s", diff)
	}
}

// TestEdge08_06: check takes the flags of run, and refuses what run refuses before it has made
// anything.
func TestEdge08_06(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"credentials.yml": "rest:\n", "endpoints.yml": echoes, "taken": "a file"})
	base := []string{"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml")}
	for _, command := range []string{"run", "check"} {
		for _, c := range []struct {
			args []string
			want string
		}{
			{[]string{"--data-dir", filepath.Join(dir, "taken")}, "--data-dir: taken is a file: expected a directory"},
			{[]string{"--data-dir", filepath.Join(dir, "taken", "below")}, "--data-dir: "},
			{[]string{"--data-dir", dir, "--port", "99999"}, "--port: expected a number from 0 to 65535"},
			{[]string{"--data-dir", dir, "--cors", "null"}, "--cors \"null\": "},
			{[]string{"--data-dir", dir, "--ssl-keyfile", "x"}, "--ssl-keyfile: not in this version"},
		} {
			got := runToEnd(t, dir, append(append([]string{command}, base...), c.args...)...)
			if got.code != cmd.ExitUsage || got.out != "" || !strings.HasPrefix(got.err, "manyvox: "+c.want) {
				t.Errorf("%s %v: %+v", command, c.args, got)
			}
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
	got := runToEnd(t, dir, append([]string{"check", "--data-dir", filepath.Join(dir, "new"), "--auth-token", "0perator", "-p", "80", "--json"}, base...)...)
	var report struct {
		Channels []struct {
			Name         string
			Capabilities []string
		}
		Agent    struct{ Type string }
		Guarded  []string
		Warnings []string
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || got.code != cmd.ExitOK {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(report.Channels) != 1 || report.Channels[0].Name != "rest" || report.Agent.Type != "echo" || !slices.Equal(report.Guarded, []string{"rest"}) || len(report.Warnings) != 0 {
		t.Errorf("%+v", report)
	}
}

// TestEdge08_06Environment: the token of the environment is that of run.
func TestEdge08_06Environment(t *testing.T) {
	t.Setenv("MANYVOX_AUTH_TOKEN", "0perator")
	t.Chdir(files(t, map[string]string{"credentials.yml": "rest:\n", "endpoints.yml": echoes}))
	if got := runToEnd(t, "", "check", "--data-dir", t.TempDir()); !strings.Contains(got.out, "--auth-token guards: rest\n") {
		t.Errorf("%+v", got)
	}
}

// TestEdge08_06Probe: check --probe says what the agent's server says, and fails with it.
func TestEdge08_06Probe(t *testing.T) {
	t.Parallel()
	for greeting, want := range map[string]outcome{
		"Hello from Rasa: 3.6.21": {out: "probe: agent rasa: Hello from Rasa: 3.6.21\n"},
		"<html>":                  {code: 1, out: "probe: agent rasa: failed: agent rasa: the server greets by \"<html>\": expected \"Hello from Rasa\"\n", err: "manyvox: 1 probe failed\n"},
		"":                        {code: 1, out: "probe: agent rasa: failed: agent rasa: the server answered 503 Service Unavailable\n", err: "manyvox: 1 probe failed\n"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if greeting == "" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			fmt.Fprint(w, greeting)
		}))
		t.Cleanup(server.Close)
		dir := files(t, map[string]string{"credentials.yml": "rest:\n", "endpoints.yml": "agent: {type: rasa, url: \"" + server.URL + "\", token: s3cret}\n"})
		got := runToEnd(t, dir, "check", "--probe", "--data-dir", dir, "--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"))
		if got.code != want.code || got.err != want.err || !strings.Contains(got.out, "\n"+want.out) || strings.Contains(got.out, "s3cret") {
			t.Errorf("%q: %+v, want %+v", greeting, got, want)
		}
	}
}
