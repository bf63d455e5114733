package cmd_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// storeWithDeadLetters returns a store with three dead letters.
func storeWithDeadLetters(t *testing.T) *sharedStore {
	d := newSharedStore(t)
	d.addUndelivered(t, "mailbox", "ann", "Hello", "gone")
	d.addInterrupted(t, channels.Message{Channel: "mailbox", Sender: "bob", ID: "m", Text: "Where\nare you?", Received: time.Now()})
	d.addUndelivered(t, "other", "ann", "Bye", "rejected")
	return d
}

const table = `ID      KIND         DIED                  CHANNEL  SENDER  REASON                     CONTENT
1       undelivered  2026-01-02T03:04:05Z  mailbox  ann     gone                       Hello
2       interrupted  2026-01-02T03:04:05Z  mailbox  bob     unknown: the agent failed  "Where\nare you?"
3       undelivered  2026-01-02T03:04:05Z  other    ann     rejected                   Bye

To replay what was interrupted may repeat replies that the user has seen.
`

// Dead letters are listed by the program that runs, or without one read from the journal.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		want outcome
		left int
	}{
		{"list", []string{"list"}, outcome{out: table}, 3},
		{"list of a channel", []string{"list", "--channel", "other", "--json"}, outcome{
			out: `{"id":"3","kind":"KIND_UNDELIVERED","reason":"rejected","died":"2026-01-02T03:04:05Z","channel":"other","sender":"ann","part":{"id":"Bye","reply":{"text":"Bye","kind":"KIND_TEXT"}},"code":"rejected"}` + "\n",
		}, 3},
		{"drop", []string{"drop", "1", "3"}, outcome{out: "dropped 2 dead letters\n"}, 1},
		{"drop all", []string{"drop", "--all", "--yes"}, outcome{out: "dropped 3 dead letters\n"}, 0},
		{"replay", []string{"replay", "3"}, outcome{out: "replayed 1 dead letter\n"}, 2},
		{"replay all of a channel", []string{"replay", "--all", "--channel", "mailbox"}, outcome{out: "replayed 2 dead letters\n"}, 1},
		{"neither", []string{"replay"}, outcome{code: 2, err: "manyvox: dead-letters replay: expected the numbers of dead letters, or --all\n"}, 3},
		{"both", []string{"drop", "--all", "1"}, outcome{code: 2, err: "manyvox: dead-letters drop: --all: not beside numbers\n"}, 3},
		{"some of a channel", []string{"drop", "1", "--channel", "x"}, outcome{code: 2, err: "manyvox: dead-letters drop: --channel: only beside --all\n"}, 3},
		{"no number", []string{"drop", "one"}, outcome{code: 2, err: `manyvox: [<id> ...]: expected a valid 64 bit int but got "one"` + "\n"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, running := range []bool{true, false} {
				d := storeWithDeadLetters(t)
				p := programWith(t, d, 1)
				want, dataDir := c.want, ""
				if running {
					server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...) // nobody sends
					defer server.end()
					p.Server, dataDir = "http://"+server.addr, server.dataDir
				} else if want.code == 0 {
					want.err = "manyvox: no program answers at " + p.Server + ": opening the journal itself (store shared)\n"
				}
				args := append([]string{"dead-letters"}, c.args...)
				if running {
					args = append(args, "--data-dir", dataDir)
				}
				got := p.runToEnd(t, "", args...)
				got.out = withFixedTimes(got.out)
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
					t.Errorf("running %v (-want +got):\n%s", running, diff)
				}
				if depth, err := d.Depth(t.Context()); err != nil || depth.DeadLetters != c.left {
					t.Errorf("running %v: %d are left, want %d, %v", running, depth.DeadLetters, c.left, err)
				}
			}
		})
	}
}

// The journal is opened only when that is safe and meant.
func TestDeadLettersWithoutAProgram(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		bytes     int64
		holder    string
		endpoints string
		args      []string
		want      func(server, dir string) outcome
	}{
		{name: "in use", bytes: 1, holder: "process 42 since noon", want: func(server, _ string) outcome {
			return outcome{code: 1, err: "manyvox: no program answers at " + server + ": opening the journal itself (store shared)\n" +
				"manyvox: store shared: in use by process 42 since noon\n"}
		}},
		{name: "no journal", want: func(server, dir string) outcome {
			return outcome{code: 1, err: "manyvox: no program answers at " + server + ", and there is no journal at " + dir + "/shared: give --server, or --data-dir\n"}
		}},
		{name: "a slip in the configuration", bytes: 1, endpoints: "agent: {type: ecco}\n", want: func(string, string) outcome {
			return outcome{code: 2, err: "manyvox: endpoints.yml:1: agent: unknown type \"ecco\": did you mean \"echo\"?\n"}
		}},
		{name: "a server was named", bytes: 1, args: []string{"--server"}, want: func(server, _ string) outcome {
			return outcome{code: 1, err: "manyvox: no program answers at " + server + " (--server): connection refused\n"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := storeWithDeadLetters(t)
			d.openedBy = c.holder
			p := programWith(t, d, c.bytes)
			if c.endpoints == "" {
				c.endpoints = echoes
			}
			dir, data := files(t, map[string]string{"endpoints.yml": c.endpoints}), t.TempDir()
			args := []string{"dead-letters", "list", "--data-dir", data, "--endpoints", dir + "/endpoints.yml"}
			if len(c.args) > 0 {
				args = append(args, "--server", p.Server)
			}
			got := p.runToEnd(t, dir, args...)
			if diff := cmp.Diff(c.want(p.Server, data), got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever command opens a store, it passes the retention of endpoints.yml.
func TestRetentionReachesTheStore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		endpoints string
		want      time.Duration
	}{
		{echoes, journal.DefaultRetention},
		{echoes + "store: {type: shared, retention: 2h}\n", 2 * time.Hour},
		{echoes + "store: {retention: 0s}\n", 0},
	} {
		d := newSharedStore(t)
		dir := files(t, map[string]string{"endpoints.yml": c.endpoints})
		if got := programWith(t, d, 1).runToEnd(t, "", "dead-letters", "list", "--endpoints", dir+"/endpoints.yml"); got.code != 0 || d.env.Retention != c.want {
			t.Errorf("dead-letters: retention %v, want %v; %+v", d.env.Retention, c.want, got)
		}
		d.env.Retention = -1
		programWith(t, d, 1).start(t, localFlags(t, "rest:\n", c.endpoints)...).end()
		if d.env.Retention != c.want {
			t.Errorf("run: retention %v, want %v", d.env.Retention, c.want)
		}
	}
}
