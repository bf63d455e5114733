package cmd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// storeWithManyEvents returns a store with six events, the last of which has just happened.
func storeWithManyEvents(t *testing.T) *sharedStore {
	d := newSharedStore(t)
	for i, reason := range []string{"one", "two", "three", "four", "five", "six"} {
		e := channels.Event{Kind: channels.EventFailed, Channel: "rest", Sender: "ann", Reason: reason}
		e.Time = time.Now().Add(time.Duration(i-5) * time.Hour)
		if i%2 == 1 {
			e.Channel, e.Sender = "other", "bob"
		}
		d.appendEvents(t, e)
	}
	return d
}

// reasons returns the last column of what events has printed.
func reasons(out string) string {
	var list []string
	for row := range strings.Lines(out) {
		if words := strings.Fields(row); len(words) > 0 && words[0] != "CURSOR" {
			list = append(list, words[len(words)-1])
		}
	}
	return strings.Join(list, " ")
}

// TestEdge08_11_EventsSelected: the newest, those since a time, and those of a sender in any channel.
func TestEdge08_11_EventsSelected(t *testing.T) {
	t.Parallel()
	d := storeWithManyEvents(t)
	server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	for _, c := range []struct{ args, want string }{
		{"", "one two three four five six"},
		{"--limit 2", "five six"},
		{"-n 100", "one two three four five six"},
		{"--limit 2 --sender ann", "three five"},
		{"--sender bob", "two four six"},
		{"--sender ann --channel rest", "one three five"},
		{"--sender bob --channel other", "two four six"},
		{"--since 150m", "four five six"},
		{"--since 150m --limit 1", "six"},
		{"--since 150m --sender ann", "five"},
		{"--since " + time.Now().Add(-90*time.Minute).UTC().Format(time.RFC3339), "five six"},
		{"--after cafe0000-4 --limit 1", "six"},
		{"--after cafe0000-4", "five six"},
	} {
		got := runToEnd(t, "", append([]string{"events", "--server", "http://" + server.addr, "--data-dir", server.dataDir}, strings.Fields(c.args)...)...)
		if got.code != 0 || reasons(got.out) != c.want {
			t.Errorf("%s: %q, want %q: %+v", c.args, reasons(got.out), c.want, got)
		}
	}
	for args, want := range map[string]string{
		"--limit -1":        "manyvox: events: --limit: expected a positive number\n",
		"--since yesterday": "manyvox: events: --since: expected a time such as 2026-01-02T15:04:05Z, or how long ago, such as 90s, 30m or 12h\n",
		"--since -1h":       "manyvox: events: --since: expected a positive time\n",
	} {
		flag, value, _ := strings.Cut(args, " ")
		if got := runToEnd(t, "", "events", flag+"="+value); got.code != 2 || !strings.HasSuffix(got.err, want) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

// TestEdge08_11_EventsFollowed: with --follow the newest come first, and then what happens; each
// once, and of the sender alone.
func TestEdge08_11_EventsFollowed(t *testing.T) {
	t.Parallel()
	d := storeWithManyEvents(t)
	server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	reader := newProgram()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	code := make(chan int, 1)
	go func() {
		code <- reader.Run(ctx, []string{"events", "-f", "-n", "2", "--sender", "ann", "--server", "http://" + server.addr, "--data-dir", server.dataDir})
	}()
	reader.out.await(t, "five")
	for _, sender := range []string{"bob", "ann"} {
		d.appendEvents(t, channels.Event{Kind: channels.EventFailed, Channel: "rest", Sender: sender, Time: time.Now(), Reason: "to-" + sender})
	}
	reader.out.await(t, "to-ann")
	stop()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d: %s", c, reader.err)
	}
	if got := reasons(reader.out.String()); got != "three five to-ann" {
		t.Errorf("%q", got)
	}
}
