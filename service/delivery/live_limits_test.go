package delivery_test

import (
	"context"
	"fmt"
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

// What grows within the rate Edit goes with the next call. The platform never has to ask for
// a pause.
func TestEditRate(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]channels.Limits{
		"edit": {Edit: channels.Rate{Count: 1, Per: 3 * time.Second}},
		"key":  {Key: channels.Rate{Count: 1, Per: 3 * time.Second}},
		"edit of a channel with a rate": {
			Edit: channels.Rate{Count: 1, Per: 3 * time.Second}, Channel: channels.Rate{Count: 10, Per: time.Second},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{Limits: limits}
				s := grow(t, p, pieces(nil, nil, strings.Split(strings.Repeat("a", 30), "")...))
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(time.Minute)
				checkShown(t, p, strings.Repeat("a", 30))
				appends := p.Live("append")
				least := 9
				if limits.Edit.IsZero() { // which Send books too: each waits for a token of its own
					least = 7
				}
				if n := len(appends); n < least || n > 11 {
					t.Errorf("%d appends in 30 s, want one each 3 s", n)
				}
				for i := range appends[1:] {
					if d := appends[i+1].At.Sub(appends[i].At); d < 2900*time.Millisecond {
						t.Errorf("append %d comes %v after the one before", i+1, d)
					}
				}
			})
		})
	}
}

// A preview that vanishes is shown again while the agent is silent, and not once the reply is
// complete.
func TestPreviewIsRefreshed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: channels.LiveLimits{Refresh: 20 * time.Second}}}
		s := grow(t, p, func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			if err := r.Delta(ctx, private+"a"); err != nil {
				return err
			}
			time.Sleep(65 * time.Second)
			if err := r.Delta(ctx, " b"); err != nil {
				return err
			}
			time.Sleep(15 * time.Second)
			return r.Reply(ctx, channels.Reply{Text: private + "a b"})
		})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(10 * time.Minute)
		checkShown(t, p, "a b")
		appends, opened := p.Live("append"), p.Live("open")[0].At
		var got []string
		for _, c := range appends {
			got = append(got, fmt.Sprintf("%q after %v", c.Piece, c.At.Sub(opened).Round(time.Second)))
		}
		want := []string{`"" after 20s`, `"" after 40s`, `"" after 1m0s`, `" b" after 1m5s`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("appends (-want +got):\n%s", diff)
		}
	})
}

// A block of the edit rate delays edits of the same rate key alone, and no Send.
func TestThrottledEditsBlockEditsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{
			Limits: channels.Limits{Edit: channels.Rate{Count: 10, Per: time.Second}},
			OnCall: failing("append", 1, servicetest.Throttled(30*time.Second, channels.ScopeChannel)),
		}
		s := grow(t, p, pieces(nil, nil, strings.Split("abcdefgh", "")...))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(2 * time.Second)
		s.Post(t, "chat", "bob", "two")
		s.Post(t, "chat", "cat", "one")
		servicetest.Advance(time.Second)
		if diff := cmp.Diff([]string{"two"}, p.Shown("chat", "bob")); diff != "" {
			t.Errorf("bob (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a…"}, p.Shown("chat", "cat")); diff != "" { // opened, and not added to
			t.Errorf("cat (-want +got):\n%s", diff)
		}
		servicetest.Advance(time.Minute)
		checkShown(t, p, "abcdefgh")
	})
}

// A platform that is stricter than Limits say gets what it asks for, and the text is whole in
// the end.
func TestPlatformThrottlesEdits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{EditEvery: 2500 * time.Millisecond}
		s := grow(t, p, pieces(nil, nil, strings.Split("abcdefghijklmnop", "")...))
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		checkShown(t, p, "abcdefghijklmnop")
		accepted := 0
		for _, c := range p.Live("append") {
			if c.Err == nil {
				accepted++
			}
		}
		if accepted < 4 {
			t.Errorf("%d appends were accepted in 16 s, want one each 2.5 s or so", accepted)
		}
	})
}

// All calls together hold no more slots than Limits.Concurrent, and only while they last.
func TestLiveCallsShareTheSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context) error {
			select {
			case <-time.After(100 * time.Millisecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		p := &servicetest.StreamPlatform{
			Limits: channels.Limits{Concurrent: 3},
			OnCall: func(ctx context.Context, _ servicetest.LiveCall) error { return slow(ctx) },
		}
		p.OnSend = func(ctx context.Context, _ channels.Part, _ int) error { return slow(ctx) }
		s := grow(t, p, pieces(nil, nil, strings.Split("abcdefghij", "")...))
		for i := range 10 { // more of them grow than there are slots
			s.Post(t, "chat", fmt.Sprint("live", i), "one")
			s.Post(t, "chat", fmt.Sprint("echo", i), "two")
		}
		servicetest.Advance(time.Minute)
		for i := range 10 {
			if diff := cmp.Diff([]string{"abcdefghij"}, p.Shown("chat", fmt.Sprint("live", i))); diff != "" {
				t.Errorf("live%d (-want +got):\n%s", i, diff)
			}
			if diff := cmp.Diff([]string{"two"}, p.Shown("chat", fmt.Sprint("echo", i))); diff != "" {
				t.Errorf("echo%d (-want +got):\n%s", i, diff)
			}
		}
		if got := p.Most(); got != 3 {
			t.Errorf("%d calls at once, want 3", got)
		}
	})
}

// Appends that hang take at most the slots of their channel: another channel's replies leave
// at once, and those of the same one as long as a slot is left.
func TestHungAppendsDelayNoOther(t *testing.T) {
	t.Parallel()
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("ignores its context %v", deaf), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				p := &servicetest.StreamPlatform{OnCall: func(ctx context.Context, c servicetest.LiveCall) error {
					switch {
					case c.Call != "append" || c.Part.Channel != "chat":
						return nil
					case deaf:
						<-release
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}}
				s := grow(t, p, pieces(nil, nil, "a", "b", "c"))
				for i := range channels.DefaultConcurrent - 1 {
					s.Post(t, "chat", fmt.Sprint(i), "one")
				}
				servicetest.Advance(time.Second)
				s.Post(t, "chat", "bob", "two")
				s.Post(t, "mail", "bob", "one", "two")
				servicetest.Advance(3 * time.Second)
				if diff := cmp.Diff([]string{"two"}, p.Shown("chat", "bob")); diff != "" {
					t.Errorf("the same channel (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"abc", "two"}, p.Shown("mail", "bob")); diff != "" {
					t.Errorf("another channel (-want +got):\n%s", diff)
				}
				servicetest.Advance(10 * time.Minute)
				for i := range channels.DefaultConcurrent - 1 {
					if diff := cmp.Diff([]string{"abc"}, p.Shown("chat", fmt.Sprint(i))); diff != "" && !deaf {
						t.Errorf("%d (-want +got):\n%s", i, diff)
					}
				}
				close(release)
				servicetest.Advance(10 * time.Minute)
			})
		})
	}
}

// At Limits.Live.Max the message is closed at a place where the text may be cut, and the rest
// grows in the next. The complete text keeps these cuts.
func TestRollOverAtMax(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		max  int
		unit channels.Unit
		want []string
	}{
		"word":      {"one two three four", 10, "", []string{"one two", "three four"}},
		"line":      {"one two\nthree four", 12, "", []string{"one two", "three four"}},
		"paragraph": {"one\n\ntwo three", 9, "", []string{"one", "two three"}},
		"no space":  {"abcdefghijkl", 5, "", []string{"abcde", "fghij", "kl"}},
		"emoji":     {"ab😀😀cd", 5, channels.UnitUTF16, []string{"ab😀", "😀cd"}},
		"bytes":     {"aéé", 4, channels.UnitBytes, []string{"aé", "é"}},
		"code":      {"see:\n\n```\na b\nc d\n```\nok", 18, "", []string{"see:", "```\na b\nc d\n```\nok"}},
		"exact":     {"one two", 7, "", []string{"one two"}},
	} {
		for _, whole := range []bool{true, false} { // the reply repeats the text, or the turn ends without
			t.Run(fmt.Sprint(name, ", with a reply ", whole), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: channels.LiveLimits{Max: c.max, Unit: c.unit}}}
					p.OnFit = func(part channels.Part) []channels.Part { return fitTo(part, c.max, c.unit) }
					var reply *channels.Reply
					if whole {
						reply = &channels.Reply{Text: c.text}
					}
					var list []string
					for _, r := range c.text {
						list = append(list, string(r))
					}
					list[0] = strings.TrimPrefix(list[0], private)
					s := servicetest.NewStreamHarness(t, p, service.Config{
						Channels: servicetest.Channels(t, "chat: {type: platform, split_paragraphs: false}\nmail: {type: platform}\n", p.Type()),
						Agent:    &servicetest.ScriptedAgent{Script: bare(reply, list...)},
					})
					s.Post(t, "chat", "ann", "one", "two")
					servicetest.Advance(time.Minute)
					checkShown(t, p, append(c.want, "two")...)
					for _, m := range p.Messages("chat", "ann")[:len(c.want)] {
						checkSent(t, s, m.Part, m.ID)
					}
					if n := len(p.Calls()); n != 1 {
						t.Errorf("%d calls of Send", n)
					}
				})
			})
		}
	}
}

// fitTo cuts a text at a length, wherever that is.
func fitTo(p channels.Part, most int, unit channels.Unit) (parts []channels.Part) {
	if strings.HasPrefix(p.Reply.Text, private) {
		return []channels.Part{p}
	}
	for text := p.Reply.Text; text != ""; {
		head := unit.Prefix(text, most)
		p.Reply.Text, text = head, text[len(head):]
		parts = append(parts, p)
	}
	return parts
}
