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
	"github.com/manyvox/manyvox/service/servicetest"
)

// A turn that is complete before its part is the first of its conversation never opens it.
func TestCompleteBeforeItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		p.OnSend = func(_ context.Context, part channels.Part, n int) error {
			if strings.HasSuffix(part.Reply.Text, "zero") && n == 1 {
				return servicetest.Throttled(10*time.Second, channels.ScopeSender)
			}
			return nil
		}
		s := grow(t, p, pieces(&channels.Reply{Text: private + "a b"}, nil, "a", " b"))
		s.Post(t, "chat", "ann", "zero", "one", "two")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "zero", "a b", "two")
		if got := names(p.Live("")); got != "" {
			t.Errorf("calls %q", got)
		}
	})
}

// A text that waits behind another part is posted with all that it has by then.
func TestGrowsBehindAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		p.OnSend = func(_ context.Context, part channels.Part, n int) error {
			if strings.HasSuffix(part.Reply.Text, "zero") && n == 1 {
				return servicetest.Throttled(2500*time.Millisecond, channels.ScopeSender)
			}
			return nil
		}
		s := grow(t, p, pieces(nil, nil, "a", " b", " c", " d"))
		s.Post(t, "chat", "ann", "zero", "one")
		servicetest.Advance(2600 * time.Millisecond)
		checkShown(t, p, "zero", "a b c…")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "zero", "a b c d")
	})
}

// A turn that fails in mid-text shows the text so far, then on_failure. It is interrupted,
// and its events tell what was shown.
func TestFailsInMidText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		s := servicetest.NewStreamHarness(t, p, service.Config{
			Channels: servicetest.Channels(t, "chat: {type: platform, on_failure: \"sorry\"}\n", p.Type()),
			Agent:    &servicetest.ScriptedAgent{Script: pieces(nil, errors.New("it fails"), "a\n\nb", " c")},
		})
		s.Post(t, "chat", "ann", "one", "two")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "a", "b c", "sorry", "two")
		if diff := cmp.Diff([]string{"interrupted one"}, s.DeadLetters(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		var said []string
		for _, e := range history(t, s) {
			for _, r := range e.Replies {
				said = append(said, strings.TrimPrefix(r.Text, private))
			}
		}
		if diff := cmp.Diff([]string{"a", "b c", "sorry", "two"}, said); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func history(t *testing.T, s *servicetest.Harness) []channels.Event {
	t.Helper()
	events, err := s.Journal.History(t.Context(), channels.Conversation{Channel: "chat", Sender: "ann"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// A piece that was not committed yet was not shown: the turn runs again.
func TestFailsBeforeAnythingIsCommitted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		s := grow(t, p, func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if err := r.Delta(ctx, private+"a"); err != nil || n == 1 {
				return errors.Join(err, errors.New("it fails at once"))
			}
			return r.Reply(ctx, channels.Reply{Text: private + "a b"})
		})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "a b")
		if s.DeadLetters(t) != nil {
			t.Errorf("dead letters %q", s.DeadLetters(t))
		}
	})
}

// A conversation that is deleted in mid-growth leaves nothing behind, and no other part is
// sent for its turn.
func TestDeletedInMidGrowth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		s := grow(t, p, pieces(&channels.Reply{Text: private + "a b c"}, nil, "a", " b", " c"))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(1500 * time.Millisecond)
		if _, err := s.Journal.Forget(t.Context(), channels.Conversation{Channel: "chat", Sender: "ann"}); err != nil {
			t.Fatal(err)
		}
		servicetest.Advance(time.Minute)
		if len(p.Live("close"))+len(p.Calls()) > 0 || history(t, s) != nil {
			t.Errorf("closes %v, sends %v, events %v", p.Live("close"), p.Calls(), history(t, s))
		}
		s.Post(t, "chat", "ann", "two")
		servicetest.Advance(time.Second)
		if got := p.Shown("chat", "ann"); len(got) != 2 || got[1] != "two" {
			t.Errorf("shown %q", got)
		}
	})
}

// At Limits.Live.For the message is closed at the last place where the text may be cut, and
// the rest grows in the next.
func TestRollOverAtFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{EditFor: 4 * time.Second, Limits: channels.Limits{Live: channels.LiveLimits{For: 3 * time.Second}}}
		s := grow(t, p, pieces(nil, nil, "a", "b ", "c", "d", "e ", "f", "g"))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(3100 * time.Millisecond)
		checkShown(t, p, "ab", "cd…")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "ab", "cde", "fg")
	})
}

// A turn may complete its text while a roll-over closes the message: the complete text is
// cut there too.
func TestCompletesDuringARollOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		reply string
		want  []string
	}{
		"closed":                    {nil, "one two three four.", []string{"one two", "three four."}},
		"not closed":                {servicetest.SendFailure(channels.SendUnavailable), "one two three four.", []string{"one two", "three four."}},
		"nobody knows":              {taken(channels.SendUnknown), "one two three four.", []string{"one two", "three four."}},
		"too late":                  {servicetest.SendFailure(channels.SendRejected), "one two three four.", []string{"one two…", "one two", "three four."}},
		"closed, with another text": {nil, "no more", []string{"no more"}},
		"closed, with no reply":     {nil, "", []string{"one two", "three four"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: channels.LiveLimits{Max: 10 + len([]rune(private))}}}
				p.OnCall = func(_ context.Context, call servicetest.LiveCall) error {
					if call.Call == "close" && call.N == 1 {
						time.Sleep(5 * time.Second) // meanwhile the turn ends
						return c.err
					}
					return nil
				}
				var reply *channels.Reply
				if c.reply != "" {
					reply = &channels.Reply{Text: private + c.reply}
				}
				s := grow(t, p, pieces(reply, nil, "one", " two", " three", " four"))
				s.Post(t, "chat", "ann", "one", "two")
				servicetest.Advance(time.Minute)
				checkShown(t, p, append(c.want, "two")...)
			})
		})
	}
}

// The text is fitted when it is complete: what is shown meanwhile is as the agent says it.
func TestFitsWhenComplete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: channels.LiveLimits{Max: 13}}}
		p.OnFit = func(part channels.Part) []channels.Part {
			part.Reply.Text = strings.ToUpper(part.Reply.Text)
			return []channels.Part{part}
		}
		s := grow(t, p, pieces(nil, nil, "one", " two", " three", " four", " five"))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(1500 * time.Millisecond)
		checkShown(t, p, "one two…")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "ONE TWO", "THREE FOUR", "FIVE")
	})
}

// What is too much to be kept in memory is shown when it is complete.
func TestGrowthIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		piece := strings.Repeat("a", 100_000)
		s := grow(t, p, pieces(nil, nil, piece, piece, piece, "b", piece))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(4500 * time.Millisecond)
		checkShown(t, p, piece+piece+"…")
		servicetest.Advance(time.Minute)
		checkShown(t, p, piece+piece+piece+"b"+piece)
	})
}

// Without the role, and from an agent that sends no pieces, there are only complete parts.
func TestOnlyCompleteParts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		s := servicetest.NewHarness(t, p, service.Config{Agent: &servicetest.ScriptedAgent{Script: pieces(&channels.Reply{Text: private + "a b"}, nil, "a", " b")}})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		if diff := cmp.Diff([]string{"a b"}, p.Accepted("chat", "ann")); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		s := grow(t, p, nil)
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		if checkShown(t, p, "one"); len(p.Live("")) > 0 {
			t.Errorf("calls %q", names(p.Live("")))
		}
	})
}
