package cmd_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, credentials, endpoints, want string }{
		{
			name:        "channels of all sorts",
			credentials: "rest:\nkiosk:\n  type: rest\n  token: s3cret\n",
			endpoints:   "agent: {type: echo, timeout: 30s}\n",
			want: `CHANNEL  TYPE  CAPABILITIES         MISSING
rest     rest  receive, rpc, token  token
kiosk    rest  receive, rpc, token  nothing

agent: echo, at most 30s a turn
warning: channel rest: anyone who reaches the port may write: set token in its block, or --auth-token
`,
		},
		{
			name:        "what rasa init writes",
			credentials: "rest:\nrasa:\n  url: http://localhost:5002/api\n",
			endpoints:   "action_endpoint: {url: x}\nagent: {type: echo}\n",
			want: `CHANNEL  TYPE  CAPABILITIES         MISSING
rest     rest  receive, rpc, token  token

agent: echo, at most 2m0s a turn
note: credentials.yml:2: rasa: skipped: this version has no such channel
note: endpoints.yml:1: action_endpoint: ignored: it is for the Rasa server
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
	const want = `CHANNEL  TYPE  CAPABILITIES         MISSING
rest     rest  receive, rpc, token  token

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
