package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// grows returns a script that says a text in pieces, one each second, until the turn is cut.
func grows(pieces ...string) servicetest.Script { return growsIn(channels.FormatPlain, pieces...) }

func growsIn(f channels.Format, pieces ...string) servicetest.Script {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
		for i, piece := range pieces {
			if i == 0 {
				piece = servicetest.Private + piece
			}
			if err := channels.DeltaIn(ctx, r, f, piece); err != nil {
				return err
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
}

// forever is a text that the shutdown cuts.
func forever() []string { return strings.Split(strings.Repeat("a", 60), "") }

// A text that grows when the program is stopped is closed, or left to the next start, and
// nothing of it is lost.
func TestRestartOfGrowingReplies(t *testing.T) {
	t.Parallel()
	hangs := func(ctx context.Context, c servicetest.LiveCall) error {
		if c.Call == "close" && c.N == 1 {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	for name, c := range map[string]struct {
		texts []string
		call  func(context.Context, servicetest.LiveCall) error
		took  time.Duration // by the shutdown
		shown string        // after it
		want  []string      // after the next start
	}{
		"ends in time":                    {texts: []string{"a", "b", "c"}, took: 1500 * time.Millisecond, shown: "abc", want: []string{"abc", "two"}},
		"is cut":                          {texts: forever(), took: 10 * time.Second, shown: "aaaaaaaaaaaa…", want: []string{"aaaaaaaaaaaa", "sorry", "two"}},
		"ends in time, and is not closed": {texts: []string{"a", "b", "c"}, call: hangs, took: 10 * time.Second, shown: "abc…", want: []string{"abc", "two"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachJournal(t, func(t *testing.T, open func() journal.Journal) {
				p := &servicetest.StreamPlatform{OnCall: c.call}
				a := &servicetest.ScriptedAgent{Script: grows(c.texts...)}
				s := servicetest.NewStreamHarness(t, p, service.Config{Agent: a, Journal: open()})
				s.Post(t, "mail", "ann", "one", "two")
				time.Sleep(1500 * time.Millisecond)
				if took := s.Stop(t); took != c.took {
					t.Errorf("the shutdown took %v, want %v", took, c.took)
				}
				if diff := cmp.Diff([]string{c.shown}, p.Shown("mail", "ann")[:1]); diff != "" {
					t.Errorf("shown at the end (-want +got):\n%s", diff)
				}
				s = servicetest.NewStreamHarness(t, p, service.Config{Agent: a, Journal: open()})
				servicetest.Advance(time.Hour)
				if diff := cmp.Diff(c.want, p.Shown("mail", "ann")); diff != "" {
					t.Errorf("shown after the next start (-want +got):\n%s", diff)
				}
				if d, err := s.Journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox > 0 {
					t.Errorf("left: %+v, %v", d, err)
				}
			})
		})
	}
}

// A message whose channel has become one without a Streamer by the next start, or another type,
// ends as it is shown. What is behind it goes on.
func TestRestartWithoutStreamer(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"platform", "other"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			eachJournal(t, func(t *testing.T, open func() journal.Journal) {
				p := &servicetest.StreamPlatform{}
				s := servicetest.NewStreamHarness(t, p, service.Config{
					Agent: &servicetest.ScriptedAgent{Script: grows(forever()...)}, Journal: open(),
					Channels: servicetest.Channels(t, "chat: {type: platform}\n", p.Type()),
				})
				s.Post(t, "chat", "ann", "one", "two")
				time.Sleep(time.Second)
				s.Stop(t)
				other := &servicetest.FakePlatform{}
				s = servicetest.NewHarness(t, other, service.Config{
					Agent: servicetest.Echo(), Journal: open(),
					Channels: servicetest.Channels(t, "chat: {type: "+kind+"}\n", named(kind, other.Type())),
				})
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff([]string{"two"}, other.Accepted("chat", "ann")); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"interrupted one"}, s.DeadLetters(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if d, err := s.Journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox > 0 {
					t.Errorf("left: %+v, %v", d, err)
				}
			})
		})
	}
}

// named returns a type under another name.
func named(name string, t channels.Type) channels.Type {
	t.Name = name
	return t
}
