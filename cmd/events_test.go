package cmd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// storeWithEvents returns a store with three events of two conversations.
func storeWithEvents(t *testing.T) *sharedStore {
	d := newSharedStore(t)
	event := func(kind channels.EventKind, sender string) channels.Event {
		return channels.Event{Kind: kind, Channel: "rest", Sender: sender, MessageID: "m1", Time: time.Now()}
	}
	said := event(channels.EventMessage, "ann")
	said.Message = &channels.Message{Text: "Is it \x1b[31mopen?", Attachments: []channels.Attachment{{Type: "image"}}}
	answered := event(channels.EventReply, "ann")
	answered.Replies = []channels.Reply{
		{Text: "Which?", Buttons: []channels.Button{{Title: "North"}, {Title: "South"}}}, {Image: "https://x.example/map.png"},
	}
	gone := event(channels.EventUndelivered, "bob")
	gone.Part, gone.Reason = "p1", "gone"
	d.appendEvents(t, said, answered, gone)
	return d
}

func TestEvents(t *testing.T) {
	t.Parallel()
	d := storeWithEvents(t)
	server := programWith(t, d, 1).start(t, localFlags(t, "rest:\ncallback: {type: rest}\n", echoes)...)
	const header = "CURSOR      TIME                  CHANNEL  SENDER  EVENT        WHAT\n"
	for _, c := range []struct {
		name string
		args []string
		want outcome
	}{
		{"all", nil, outcome{out: header +
			"cafe0000-1  2026-01-02T03:04:05Z  rest     ann     message      \"Is it \\x1b[31mopen? <image>\"\n" +
			"cafe0000-2  2026-01-02T03:04:05Z  rest     ann     reply        Which? [North] [South] | image https://x.example/map.png\n" +
			"cafe0000-3  2026-01-02T03:04:05Z  rest     bob     undelivered  gone\n"}},
		{"of a conversation", []string{"--channel", "rest", "--sender", "bob"}, outcome{out: header +
			"cafe0000-3  2026-01-02T03:04:05Z  rest     bob     undelivered  gone\n"}},
		{"as JSON", []string{"--after", "cafe0000-2", "--json"}, outcome{
			out: `{"cursor":"cafe0000-3","time":"2026-01-02T03:04:05Z","channel":"rest","sender":"bob","messageId":"m1","undelivered":{"partId":"p1","reason":"gone","code":"gone"}}` + "\n",
		}},
		{"none", []string{"--channel", "callback", "--json"}, outcome{}},
		{"a cursor to come", []string{"--after", "cafe0000-9"}, outcome{code: 1, err: "manyvox: out_of_range: no event has this cursor yet; the newest that can be given is cafe0000-3\n"}},
		{"of a sender in any channel", []string{"--sender", "bob"}, outcome{out: header +
			"cafe0000-3  2026-01-02T03:04:05Z  rest     bob     undelivered  gone\n"}},
		{"no URL", []string{"--server", "localhost:5005"}, outcome{code: 2, err: "manyvox: --server: expected a URL such as http://localhost:5005\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := runToEnd(t, "", append([]string{"events", "--server", "http://" + server.addr + "/", "--data-dir", server.dataDir}, c.args...)...)
			got.out = withFixedTimes(got.out)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventsNeedTheToken(t *testing.T) {
	t.Parallel()
	server := start(t, localFlags(t, "rest:\n", echoes, "--auth-token", "0perator")...)
	for token, want := range map[string]outcome{
		"0perator": {},
		"other":    {code: 1, err: "manyvox: unauthenticated: the program at http://" + server.addr + " asks for the operator's token: give --operator-token, or --data-dir where it runs on this machine\n"},
	} {
		got := runToEnd(t, "", "events", "--json", "--server", "http://"+server.addr, "--auth-token", token)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("token %s (-want +got):\n%s", token, diff)
		}
	}
}

// Events are followed over a restart of the program: none is shown twice, none is missed.
func TestEventsFollow(t *testing.T) {
	t.Parallel()
	d := newSharedStore(t)
	fail := func(text string) {
		d.appendEvents(t, channels.Event{Kind: channels.EventFailed, Channel: "rest", Sender: "ann", Time: time.Now(), Reason: text})
	}
	fail("one")
	first := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	reader := newProgram()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	code := make(chan int, 1)
	go func() {
		code <- reader.Run(ctx, []string{"events", "--follow", "--after", "oldest", "--server", "http://" + first.addr, "--data-dir", first.dataDir})
	}()
	reader.out.await(t, "one")
	fail("two")
	reader.out.await(t, "two")
	if c := first.end(); c != 0 {
		t.Fatalf("exit code %d: %s", c, first.err)
	}
	reader.err.await(t, "trying again after cursor cafe0000-2")
	fail("three")
	_, port, _ := strings.Cut(first.addr, ":")
	second := programWith(t, d, 1).start(t, append(localFlags(t, "rest:\n", echoes), "--port", port)...)
	defer second.end()
	reader.out.await(t, "three")
	stop()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
	want := "CURSOR TIME CHANNEL SENDER EVENT WHAT\n" + line("cafe0000-1", "one") + line("cafe0000-2", "two") + line("cafe0000-3", "three")
	if got := fields(withFixedTimes(reader.out.String())); got != fields(want) {
		t.Errorf("output:\n%s\nwant:\n%s", reader.out, want)
	}
	if got := reader.err.String(); got != "manyvox: the program does not answer: trying again after cursor cafe0000-2\n" {
		t.Errorf("errors: %s", got)
	}
}

func line(cursor, text string) string {
	return cursor + " 2026-01-02T03:04:05Z rest ann failed " + text + "\n"
}

// fields leaves one space between words: the width of the columns depends on which events
// came together.
func fields(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString(strings.Join(strings.Fields(l), " ") + "\n")
	}
	return b.String()
}

// Following ends at once with an error that trying again cannot mend.
func TestEventsFollowRefused(t *testing.T) {
	t.Parallel()
	d := newSharedStore(t)
	server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	silent := unusedURL(t)
	for _, c := range []struct {
		name, server string
		args         []string
		want         string
	}{
		{"nobody there", silent, nil, "manyvox: no program answers at " + silent + " (--server): connection refused\n"},
		{"a cursor of another journal", "http://" + server.addr, []string{"--after", "beef0000-5"}, "manyvox: out_of_range: after: it is of another journal; begin with \"oldest\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := runToEnd(t, "", append([]string{"events", "-f", "--json", "--server", c.server, "--data-dir", server.dataDir}, c.args...)...)
			if diff := cmp.Diff(outcome{code: 1, err: c.want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A journal that begins anew, as one in memory does with the program, is followed from
// its beginning.
func TestEventsFollowAnotherJournal(t *testing.T) {
	t.Parallel()
	d := storeWithEvents(t)
	const token = "0perator"
	first := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes, "--operator-token", token)...)
	reader := newProgram()
	ctx, stop := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		code <- reader.Run(ctx, []string{"events", "-f", "--json", "--after", "oldest", "--server", "http://" + first.addr, "--operator-token", token})
	}()
	defer func() { stop(); <-code }()
	reader.out.await(t, `"cursor":"cafe0000-3"`)
	first.end()
	other := sharedStoreOf(t, "beef000000000000")
	other.appendEvents(t, channels.Event{Kind: channels.EventFailed, Channel: "rest", Sender: "zoe", Time: time.Now()})
	p := newProgram()
	p.Stores = []journal.Type{other.typ(1)}
	_, port, _ := strings.Cut(first.addr, ":")
	second := p.start(t, append(localFlags(t, "rest:\n", echoes, "--operator-token", token), "--port", port)...)
	defer second.end()
	reader.out.await(t, `"sender":"zoe"`)
	reader.err.await(t, "some events were missed")
}
