package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// slowly returns a script that replies "a" and "b" after so long each.
func slowly(d time.Duration) servicetest.Script {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
		for _, text := range []string{"a", "b"} {
			time.Sleep(d)
			if err := r.Reply(ctx, channels.Reply{Text: private + text}); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkTyped checks how long after the first call of Typing the others came.
func checkTyped(t *testing.T, p *servicetest.StreamPlatform, want ...time.Duration) {
	t.Helper()
	var got []time.Duration
	for _, at := range p.Typed() {
		got = append(got, at.Sub(p.Typed()[0]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("typing is shown at (-want +got):\n%s", diff)
	}
}

// That an answer is being written is shown at the start of the turn and every few seconds,
// until the first part is sent or the turn ends.
func TestTyping(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, c := range map[string]struct {
		script servicetest.Script
		typing error
		limits channels.Limits
		want   []time.Duration
	}{
		"until the first part":        {script: slowly(10 * s), want: []time.Duration{0, 4 * s, 8 * s}},
		"until the text grows":        {script: pieces(nil, nil, "a", "b", "c", "d", "e", "f"), want: []time.Duration{0}},
		"until the turn ends":         {script: func(context.Context, agents.Turn, channels.Replier, int) error { time.Sleep(5 * s); return nil }, want: []time.Duration{0, 4 * s}},
		"refused":                     {script: slowly(10 * s), typing: servicetest.SendFailure(channels.SendRejected), want: []time.Duration{0}},
		"gone":                        {script: slowly(10 * s), typing: servicetest.SendFailure(channels.SendGone), want: []time.Duration{0}},
		"throttled":                   {script: slowly(10 * s), typing: servicetest.Throttled(7*s, channels.ScopeAddress), want: []time.Duration{0, 7 * s}},
		"unavailable":                 {script: slowly(5 * s), typing: servicetest.SendFailure(channels.SendUnavailable), want: []time.Duration{0, 4 * s}},
		"only where a Send has room":  {script: slowly(10 * s), limits: channels.Limits{Key: channels.Rate{Count: 1, Per: s}}, want: nil},
		"where there is room for two": {script: slowly(10 * s), limits: channels.Limits{Key: channels.Rate{Count: 1, Per: s, Burst: 2}}, want: []time.Duration{0, 4 * s, 8 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{Limits: c.limits, OnTyping: func(context.Context, channels.Message) error { return c.typing }}
				h := grow(t, p, c.script)
				h.Post(t, "chat", "ann", "one")
				servicetest.Advance(time.Minute)
				checkTyped(t, p, c.want...)
				if d, err := h.Journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox > 0 || h.DeadLetters(t) != nil || h.Holds() != nil {
					t.Errorf("left: %+v, %v, %q, %+v", d, err, h.DeadLetters(t), h.Holds())
				}
			})
		})
	}
}

// A Typing that hangs or panics harms nobody: no Send waits for it, whatever the number of
// those that hang, and the turn goes on.
func TestTypingDelaysNoSend(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	for name, typing := range map[string]func(context.Context, channels.Message) error{
		"panics": func(context.Context, channels.Message) error { panic("the channel is broken") },
		"hangs": func(ctx context.Context, _ channels.Message) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"is deaf": func(context.Context, channels.Message) error {
			<-release
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if name == "is deaf" {
					release = make(chan struct{}) // of this bubble
				}
				p := &servicetest.StreamPlatform{OnTyping: typing, Limits: channels.Limits{Concurrent: 2}}
				s := servicetest.NewStreamHarness(t, p, service.Config{Agent: &servicetest.ScriptedAgent{Script: slowly(10 * time.Second)}})
				for i := range 100 {
					s.Post(t, "chat", fmt.Sprint(i), "one")
				}
				for i := range 10 {
					s.Post(t, "chat", fmt.Sprint("echo", i), "two")
				}
				for i := range 10 {
					if diff := cmp.Diff([]string{"two"}, p.Shown("chat", fmt.Sprint("echo", i))); diff != "" {
						t.Errorf("echo%d (-want +got):\n%s", i, diff)
					}
				}
				servicetest.Advance(time.Minute)
				for i := range 100 {
					if diff := cmp.Diff([]string{"a", "b"}, p.Shown("chat", fmt.Sprint(i))); diff != "" {
						t.Errorf("%d (-want +got):\n%s", i, diff)
					}
				}
				if name == "is deaf" {
					close(release)
				}
				servicetest.Advance(time.Minute)
			})
		})
	}
}

// A platform that holds the channel back is not told that somebody writes.
func TestTypingHeedsPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		p.OnSend = servicetest.FailSends(1, servicetest.Throttled(time.Minute, channels.ScopeChannel))
		s := servicetest.NewStreamHarness(t, p, service.Config{Agent: &servicetest.ScriptedAgent{Script: nil}})
		s.Post(t, "chat", "ann", "one")
		before := len(p.Typed())
		s.Post(t, "chat", "bob", "two")
		servicetest.Advance(30 * time.Second)
		if got := len(p.Typed()); got != before {
			t.Errorf("typing is shown %d times during the pause", got-before)
		}
		servicetest.Advance(time.Minute)
	})
}
