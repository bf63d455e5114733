package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A turn that the shutdown ends is run again at once if it has shown nothing, and is
// interrupted if it has. A turn that finishes in time is done.
func TestRestartOfTurns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		script servicetest.Script
		took   time.Duration // by the shutdown
		runs   int
		taken  []string
		dead   []string
	}{
		{"ends in time", func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			time.Sleep(5 * time.Second)
			return r.Reply(ctx, channels.Reply{Text: servicetest.Private + "in time"})
		}, 5 * time.Second, 1, []string{"in time", "two"}, nil},
		{"cut before it showed anything", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return r.Reply(ctx, channels.Reply{Text: servicetest.Private + "again"})
		}, servicetest.Timeout, 2, []string{"again", "two"}, nil},
		{"cut after a reply", func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			err := r.Reply(ctx, channels.Reply{Text: servicetest.Private + "shown"})
			<-ctx.Done()
			return errors.Join(err, ctx.Err())
		}, servicetest.Timeout, 1, []string{"shown", "sorry", "two"}, []string{"interrupted one"}},
		{"waits to be run again", servicetest.FailTurns(1, &channels.Error{Code: channels.CodeUnavailable, RetryAfter: time.Hour}), 0, 2, []string{"at last", "two"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachJournal(t, func(t *testing.T, open func() journal.Journal) {
				a, p := &servicetest.ScriptedAgent{Script: c.script}, &servicetest.FakePlatform{}
				s := servicetest.NewHarness(t, p, service.Config{Agent: a, Journal: open()})
				s.Post(t, "mail", "ann", "one", "two")
				if took := s.Stop(t); took != c.took {
					t.Errorf("the shutdown took %v, want %v", took, c.took)
				}
				s = servicetest.NewHarness(t, p, service.Config{Agent: a, Journal: open()})
				if c.took > 0 {
					servicetest.Advance(time.Millisecond)
				} else {
					servicetest.Advance(time.Hour)
				}
				if diff := cmp.Diff(c.taken, s.Accepted("mail", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.dead, s.DeadLetters(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if n := len(a.Runs("one")); n != c.runs || len(p.SendsByID()) != len(c.taken) {
					t.Errorf("%d runs, want %d; ids of %d parts: %v", n, c.runs, len(c.taken), p.SendsByID())
				}
			})
		})
	}
}

// A part that is being sent at the shutdown is sent once if that ends in time, else again.
func TestRestartOfParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		needs time.Duration
		calls int
	}{{"arrives in time", 5 * time.Second, 1}, {"is cut", time.Minute, 2}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachJournal(t, func(t *testing.T, open func() journal.Journal) {
				p := &servicetest.FakePlatform{OnSend: func(ctx context.Context, p channels.Part, n int) error {
					if p.Reply.Text != servicetest.Private+"one" || n > 1 {
						return nil
					}
					select {
					case <-time.After(c.needs):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}}
				s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo(), Journal: open()})
				s.Post(t, "chat", "ann", "one", "two", "three")
				if took := s.Stop(t); took != min(c.needs, servicetest.Timeout) {
					t.Errorf("the shutdown took %v", took)
				}
				s = servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo(), Journal: open()})
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff([]string{"one", "two", "three"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(s.Attempts()); n != c.calls || len(p.SendsByID()) != 3 {
					t.Errorf("%d calls, want %d; ids %v", n, c.calls, p.SendsByID())
				}
			})
		})
	}
}

// Services restart while messages wait. Each message is answered once and in order, and
// counts against the limit of waiting messages in every service.
func TestRestartKeepsTheOrder(t *testing.T) {
	t.Parallel()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		limits := instance.DefaultLimits()
		limits.Inbox = 66 // of which one channel may have 60
		p := &servicetest.FakePlatform{OnSend: func(ctx context.Context, _ channels.Part, _ int) error { time.Sleep(time.Second); return nil }}
		slow := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			time.Sleep(2 * time.Second)
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		})
		config := func() service.Config { return service.Config{Agent: slow, Journal: open(), Limits: limits} }
		s := servicetest.NewHarness(t, p, config())
		want := map[string][]string{}
		for i := range 20 {
			for _, sender := range []string{"ann", "bob", "cat"} {
				text := fmt.Sprint(sender, i)
				want[sender] = append(want[sender], text)
				s.Post(t, "chat", sender, text)
			}
		}
		for range 4 {
			s.Stop(t)
			s = servicetest.NewHarness(t, p, config())
			servicetest.Advance(3 * time.Second)
		}
		if err := s.Inbox(t, "chat").Post(t.Context(), make([]channels.Message, 60)...); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("with messages of earlier services waiting there is room for 60: %v", err)
		}
		servicetest.Advance(2 * time.Minute)
		for sender, texts := range want {
			if diff := cmp.Diff(texts, s.Accepted("chat", sender)); diff != "" {
				t.Errorf("taken from %s (-want +got):\n%s", sender, diff)
			}
		}
		if d, err := s.Journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox+d.DeadLetters > 0 {
			t.Errorf("%+v, %v waits", d, err)
		}
	})
}

// Messages and parts of a channel that leaves credentials.yml wait until it returns.
func TestRestartWithoutAChannel(t *testing.T) {
	t.Parallel()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		p := &servicetest.FakePlatform{OnSend: servicetest.FailSends(1, servicetest.Throttled(time.Hour, channels.ScopeAddress))}
		a := &servicetest.ScriptedAgent{Script: servicetest.FailTurns(0, nil)}
		s := servicetest.NewHarness(t, p, service.Config{Agent: agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			if t.Message.ID == "three" {
				return &channels.Error{Code: channels.CodeUnavailable, RetryAfter: time.Hour}
			}
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		}), Journal: open()})
		s.Post(t, "chat", "ann", "one", "two", "three", "four") // two parts wait, and two messages
		s.Stop(t)

		s = servicetest.NewHarness(t, p, service.Config{Agent: a, Journal: open(), Channels: servicetest.Channels(t, "mail: {type: platform}\n", p.Type())})
		servicetest.Advance(5 * time.Hour)
		s.Post(t, "mail", "ann", "other")
		if diff := cmp.Diff([]string{"other"}, s.Accepted("mail", "ann")); diff != "" || len(p.Calls()) != 2 {
			t.Errorf("%d calls, taken (-want +got):\n%s", len(p.Calls()), diff)
		}
		s.Stop(t)

		s = servicetest.NewHarness(t, p, service.Config{Agent: a, Journal: open()})
		servicetest.Advance(time.Second)
		if diff := cmp.Diff([]string{"one", "two", "three", "four"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if dead := s.DeadLetters(t); dead != nil {
			t.Errorf("dead letters: %v", dead)
		}
	})
}

// A turn that a crash ended after a reply is interrupted. The reply is sent, and the text
// of on_failure after it, as a part of its own.
func TestRestartAfterACrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := durableJournals()[1].open(t)
		f, p := &servicetest.FaultyJournal{Journal: open()}, &servicetest.FakePlatform{}
		n := 0
		f.OnSettle = func() error {
			if n++; n > 1 {
				return errors.New("disk full")
			}
			return nil
		}
		slow := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			defer time.Sleep(servicetest.CommitPause)
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		})
		s := servicetest.NewHarness(t, p, service.Config{Agent: slow, Journal: f})
		s.Post(t, "mail", "ann", "one")
		servicetest.Advance(servicetest.CommitPause)
		s.Stop(t) // the end of the turn was never stored
		s = servicetest.NewHarness(t, p, service.Config{Agent: servicetest.UncalledAgent(t), Journal: open()})
		if diff := cmp.Diff([]string{"one", "sorry"}, s.Accepted("mail", "ann")); diff != "" || len(p.SendsByID()) != 2 {
			t.Errorf("%d ids, taken (-want +got):\n%s", len(p.SendsByID()), diff)
		}
		if diff := cmp.Diff([]string{"interrupted one"}, s.DeadLetters(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		s.CheckMetrics(t, `dead_letters_total{channel="mail",kind="interrupted"} 1`)
	})
}

// After a crash, a caller that repeats a message with an id gets its turn run again if
// nothing was recorded, and "aborted" otherwise.
func TestRestartOfAskedMessages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recorded int // steps, before the crash
		code     string
		texts    []string
		turns    int
	}{
		"the id":      {0, "", []string{"one", "two"}, 2},
		"a reply":     {1, "aborted", []string{"one"}, 1},
		"two replies": {2, "aborted", []string{"one", "two"}, 1},
		"the end":     {3, "", []string{"one", "two"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
				open := durableJournals()[1].open(t)
				f, steps := &servicetest.FaultyJournal{Journal: open()}, 0
				f.OnSettleAsk = func() error { steps++; return servicetest.FailIf(steps > c.recorded) }
				a := &servicetest.CountingAgent{Script: func(ctx context.Context, _ int, r channels.Replier) error {
					defer time.Sleep(servicetest.CommitPause)
					if err := servicetest.ReplyTexts(ctx, r, "one"); err != nil {
						return err
					}
					time.Sleep(servicetest.CommitPause)
					return servicetest.ReplyTexts(ctx, r, "two")
				}}
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Journal: servicetest.KeepOpen(f)}, time.Second)
				first := servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi", ID: "m1"})
				servicetest.Advance(time.Minute)
				h.Shutdown()
				if err := <-h.Served; err != nil {
					t.Error(err)
				}
				<-first
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				h = servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Journal: open()}, servicetest.Timeout)
				servicetest.CheckOutcome(t, "who asks again", <-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi", ID: "m1"}), c.code, c.texts...)
				if n := a.Turns(); n != c.turns {
					t.Errorf("%d turns, want %d", n, c.turns)
				}
			})
		})
	}
}
