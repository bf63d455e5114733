package cmd_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// TestEdge08_11_UnknownChannels: the name of a channel that there is not is an error with the
// nearest name, unless something of it is kept.
func TestEdge08_11_UnknownChannels(t *testing.T) {
	t.Parallel()
	d := storeWithDeadLetters(t)
	d.push(t, "waiting", "ann", "Good evening")
	d.appendEvents(t, channels.Event{Kind: channels.EventFailed, Channel: "past", Sender: "ann", Time: time.Now(), Reason: "gone"})
	server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	const near = "manyvox: no channel \"rets\", and nothing is kept of one: did you mean \"rest\"?\n"
	for _, c := range []struct {
		name string
		args []string
		want outcome
	}{
		{"events", []string{"events", "--channel", "rets", "--json"}, outcome{code: 1, err: near}},
		{"the newest events", []string{"events", "--channel", "rets", "--json", "--limit", "3"}, outcome{code: 1, err: near}},
		{"events to come", []string{"events", "--channel", "rets", "--json", "--follow"}, outcome{code: 1, err: near}},
		{"dead letters", []string{"dead-letters", "list", "--channel", "rets", "--json"}, outcome{code: 1, err: near}},
		{"replay", []string{"dead-letters", "replay", "--all", "--channel", "rets"}, outcome{code: 1, out: "replayed 0 dead letters\n", err: near}},
		{"drop", []string{"dead-letters", "drop", "--all", "--yes", "--channel", "rets"}, outcome{code: 1, out: "dropped 0 dead letters\n", err: near}},
		{"forget", []string{"forget", "--channel", "rets", "--sender", "ann", "--yes"}, outcome{code: 1, err: near}},
		{"send", []string{"send", "--channel", "rets", "--sender", "ann", "Hello"}, outcome{code: 1, err: "manyvox: not_found: no channel \"rets\" in credentials.yml; did you mean rest?\n"}},
		{"resume", []string{"resume", "rets"}, outcome{code: 1, err: "manyvox: not_found: no channel \"rets\" in credentials.yml; did you mean rest?\n"}},
		{"none is near", []string{"events", "--channel", "telegram", "--json"}, outcome{code: 1, err: "manyvox: no channel \"telegram\", and nothing is kept of one\n"}},
		{"configured, with nothing", []string{"events", "--channel", "rest", "--json"}, outcome{}},
		{"something of it waits", []string{"dead-letters", "list", "--channel", "waiting", "--json"}, outcome{}},
		{"forget what is configured", []string{"forget", "rest", "nobody", "-y"}, outcome{out: "deleted 0 rows of the journal\n"}},
		{"an event of it is kept", []string{"forget", "--channel", "past", "--sender", "ann", "--yes"}, outcome{out: "deleted 1 row of the journal\n"}},
	} {
		got := runToEnd(t, "", append(c.args, "--server", "http://"+server.addr, "--data-dir", server.dataDir)...)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestEdge08_11_UnknownDeadLetters: numbers that there are not are named, once the others are
// done, with a program that runs and without.
func TestEdge08_11_UnknownDeadLetters(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"replay", "drop"} {
		done := map[string]string{"replay": "replayed", "drop": "dropped"}[command]
		for _, running := range []bool{true, false} {
			d := storeWithDeadLetters(t)
			p := programWith(t, d, 1)
			args := []string{"dead-letters", command, "1", "77", "3", "78", "1"}
			notice := "manyvox: no program answers at " + p.Server + ": opening the journal itself (store shared)\n"
			if running {
				server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
				args = append(args, "--server", "http://"+server.addr, "--data-dir", server.dataDir)
				notice = ""
			}
			want := outcome{code: 1, out: done + " 2 dead letters\n", err: notice + "manyvox: no dead letter has this number: 77, 78\n"}
			if diff := cmp.Diff(want, p.runToEnd(t, "", args...), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("%s, running %v (-want +got):\n%s", command, running, diff)
			}
		}
	}
}
