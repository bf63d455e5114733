package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

const private = servicetest.Private

// pieces returns a script that says a text in pieces, one each second, and fails with err,
// or completes it with the reply if that has a text.
func pieces(reply *channels.Reply, err error, texts ...string) servicetest.Script {
	return says(reply, err, append([]string{private + texts[0]}, texts[1:]...)...)
}

// bare returns a script as pieces does, of a text that does not begin with private.
func bare(reply *channels.Reply, texts ...string) servicetest.Script {
	return says(reply, nil, texts...)
}

func says(reply *channels.Reply, err error, texts ...string) servicetest.Script {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
		for i, text := range texts {
			if i > 0 {
				time.Sleep(time.Second)
			}
			if err := r.Delta(ctx, text); err != nil {
				return err
			}
		}
		time.Sleep(time.Second)
		if err != nil || reply == nil {
			return err
		}
		return r.Reply(ctx, *reply)
	}
}

// grow starts a service whose agent answers "one" by the script and echoes the rest.
func grow(t *testing.T, p *servicetest.StreamPlatform, s servicetest.Script) *servicetest.Harness {
	t.Helper()
	return servicetest.NewStreamHarness(t, p, service.Config{Agent: &servicetest.ScriptedAgent{Script: s}})
}

func checkShown(t *testing.T, p *servicetest.StreamPlatform, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.Shown("chat", "ann")); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

// names returns the names of the calls, in order.
func names(calls []servicetest.LiveCall) string {
	var list []string
	for _, c := range calls {
		list = append(list, c.Call)
	}
	return strings.Join(list, " ")
}

// The message is posted with the first piece, grows with the others and is closed by the
// reply. What follows in the conversation waits for it.
func TestReplyGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		s := grow(t, p, pieces(&channels.Reply{Text: private + "a b c."}, nil, "a", " b", " c"))
		s.Post(t, "chat", "ann", "one", "two")
		for _, want := range []string{"a…", "a b…", "a b c…"} {
			servicetest.Advance(100 * time.Millisecond)
			checkShown(t, p, want)
			servicetest.Advance(900 * time.Millisecond)
		}
		servicetest.Advance(time.Second)
		checkShown(t, p, "a b c.", "two")
		if got, want := names(p.Live("")), "open append append close"; got != want {
			t.Errorf("calls %q, want %q", got, want)
		}
		calls := p.Live("")
		for i, want := range []string{"", " b", " c", "."} {
			if c := calls[i]; c.Piece != want || c.Part.ID != calls[0].Part.ID || !strings.HasPrefix(private+"a b c.", c.Part.Reply.Text) {
				t.Errorf("call %d of part %s adds %q, want %q: %+v", i, c.Part.ID, c.Piece, want, c.Part)
			}
		}
		if n := len(p.Calls()); n != 1 {
			t.Errorf("%d calls of Send, want that of the second message", n)
		}
		if d, err := s.Journal.Depth(t.Context()); err != nil || d.Outbox > 0 || s.DeadLetters(t) != nil {
			t.Errorf("left: %+v, %v, %q", d, err, s.DeadLetters(t))
		}
		checkSent(t, s, calls[0].Part.ID, "m1")
	})
}

// checkSent checks that there is one event of the kind sent about a part.
func checkSent(t *testing.T, s *servicetest.Harness, part, receipt string) {
	t.Helper()
	page, err := s.Journal.Events(t.Context(), journal.EventFilter{Channel: "chat", Sender: "ann"}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range page.Events {
		if e.Kind == channels.EventSent && e.Part == part {
			n++
			if e.Receipt != receipt {
				t.Errorf("the receipt is %q, want %q", e.Receipt, receipt)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d events sent of part %s, want 1", n, part)
	}
}

// How a text in progress ends, and what is shown then.
func TestTextInProgressEnds(t *testing.T) {
	t.Parallel()
	buttons := []channels.Button{{Title: "yes"}, {Title: "no"}}
	failed := errors.New("the agent fails")
	for name, c := range map[string]struct {
		script servicetest.Script
		closes bool
		want   []string
		calls  string // of Open, Append and Close
		sends  int
	}{
		"with the turn":              {script: pieces(nil, nil, "a", "b"), want: []string{"ab"}, calls: "open append close"},
		"with another text":          {script: pieces(&channels.Reply{Text: private + "x"}, nil, "a", "b"), want: []string{"x"}, calls: "open append close"},
		"with a longer text":         {script: pieces(&channels.Reply{Text: private + "abc\n\nd"}, nil, "a", "b"), want: []string{"abc", "d"}, calls: "open append close", sends: 1},
		"with an image":              {script: pieces(&channels.Reply{Image: "i.png"}, nil, "a"), want: []string{"a", ""}, calls: "open close", sends: 1},
		"with text and image":        {script: pieces(&channels.Reply{Text: private + "ab", Image: "i.png"}, nil, "a"), want: []string{"ab", ""}, calls: "open close", sends: 1},
		"with buttons":               {script: pieces(&channels.Reply{Text: private + "a?", Buttons: buttons}, nil, "a"), closes: true, want: []string{"a?[2]"}, calls: "open close"},
		"with buttons in a part":     {script: pieces(&channels.Reply{Text: private + "a?", Buttons: buttons}, nil, "a"), want: []string{"a?", "[2]"}, calls: "open close", sends: 1},
		"with a blank reply":         {script: pieces(&channels.Reply{Text: " "}, nil, "a"), want: []string{"a"}, calls: "open close"},
		"with the agent":             {script: pieces(nil, failed, "a", "b"), want: []string{"ab"}, calls: "open append close"},
		"in paragraphs":              {script: pieces(&channels.Reply{Text: private + "a b\n\nc d"}, nil, "a", " b", "\n\n", "c", " d"), want: []string{"a b", "c d"}, calls: "open append close open append close"},
		"in paragraphs with another": {script: pieces(&channels.Reply{Text: private + "x\n\ny"}, nil, "a", "\n\n", "b"), want: []string{"a", "x", "y"}, calls: "open close open close", sends: 1},
		"in paragraphs with less":    {script: pieces(&channels.Reply{Text: private + "a"}, nil, "a", "\n\n", "b"), want: []string{"a", "b"}, calls: "open close open close"},
		"in paragraphs with buttons": {script: pieces(&channels.Reply{Text: private + "a\n\nb", Buttons: buttons}, nil, "a", "\n\n", "b"), closes: true, want: []string{"a", "b[2]"}, calls: "open close open close"},
		"as white space":             {script: pieces(&channels.Reply{Text: private + "a"}, nil, "", " ", "\n"), want: []string{"a"}, calls: "open close"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{ClosesButtons: c.closes}
				s := grow(t, p, c.script)
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(time.Minute)
				checkShown(t, p, c.want...)
				if got := names(p.Live("")); got != c.calls || len(p.Calls()) != c.sends {
					t.Errorf("calls %q and %d of Send, want %q and %d", got, len(p.Calls()), c.calls, c.sends)
				}
			})
		})
	}
}
