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
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// reopened is a journal that outlives the service: open gives it to the next one.
type reopened struct {
	name string
	open func(t *testing.T) (open func() journal.Journal)
}

func reopenings() []reopened {
	return []reopened{
		{"memory", func(*testing.T) func() journal.Journal {
			store := memory.Open()
			return func() journal.Journal { return keptOpen{store} }
		}},
		{"sqlite", func(t *testing.T) func() journal.Journal {
			dir := t.TempDir()
			return func() journal.Journal {
				store, err := sqlite.Open(context.Background(), dir, sqlite.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return store
			}
		}},
	}
}

type keptOpen struct{ journal.Journal }

func (keptOpen) Close() error { return nil }

// withRestarts runs a test on each journal.
func withRestarts(t *testing.T, test func(t *testing.T, open func() journal.Journal)) {
	for _, r := range reopenings() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, r.open(t)) })
		})
	}
}

// stop shuts the service down and returns how long that took.
func (s *stage) stop(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	s.close()
	if err := <-s.served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	took := time.Since(began)
	s.h1.CloseIdleConnections()
	if err := s.journal.Close(); err != nil {
		t.Error(err)
	}
	return took
}

// What a turn is cut short in decides: a turn that has shown nothing is run again at
// once, one that has is not, and one that ends in time has ended.
func TestRestartOfTurns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		play   func(context.Context, agents.Turn, channels.Replier, int) error
		took   time.Duration // by the shutdown
		runs   int
		taken  []string
		letter []string
	}{
		{"ends in time", func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			time.Sleep(5 * time.Second)
			return r.Reply(ctx, channels.Reply{Text: private + "in time"})
		}, 5 * time.Second, 1, []string{"in time", "two"}, nil},
		{"cut before it showed anything", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return r.Reply(ctx, channels.Reply{Text: private + "again"})
		}, patience, 2, []string{"again", "two"}, nil},
		{"cut after a reply", func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			err := r.Reply(ctx, channels.Reply{Text: private + "shown"})
			<-ctx.Done()
			return errors.Join(err, ctx.Err())
		}, patience, 1, []string{"shown", "sorry", "two"}, []string{"interrupted one"}},
		{"waits to be run again", fails(1, &channels.Error{Code: channels.CodeUnavailable, RetryAfter: time.Hour}), 0, 2, []string{"at last", "two"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			withRestarts(t, func(t *testing.T, open func() journal.Journal) {
				a, p := &actor{play: c.play}, &platform{}
				s := perform(t, p, service.Config{Agent: a, Journal: open()})
				s.post(t, "mail", "ann", "one", "two")
				if took := s.stop(t); took != c.took {
					t.Errorf("the shutdown took %v, want %v", took, c.took)
				}
				s = perform(t, p, service.Config{Agent: a, Journal: open()})
				if c.took > 0 {
					pass(time.Millisecond)
				} else {
					pass(time.Hour)
				}
				if diff := cmp.Diff(c.taken, s.taken("mail", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.letter, s.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if n := len(a.runs("one")); n != c.runs || len(p.ids()) != len(c.taken) {
					t.Errorf("%d runs, want %d; ids of %d parts: %v", n, c.runs, len(c.taken), p.ids())
				}
			})
		})
	}
}

// A part on its way at the end is sent once when it arrives in time, else again.
func TestRestartOfParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		needs time.Duration
		calls int
	}{{"arrives in time", 5 * time.Second, 1}, {"is cut", time.Minute, 2}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			withRestarts(t, func(t *testing.T, open func() journal.Journal) {
				p := &platform{answer: func(ctx context.Context, p channels.Part, n int) error {
					if p.Reply.Text != private+"one" || n > 1 {
						return nil
					}
					select {
					case <-time.After(c.needs):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}}
				s := perform(t, p, service.Config{Agent: parrot(), Journal: open()})
				s.post(t, "chat", "ann", "one", "two", "three")
				if took := s.stop(t); took != min(c.needs, patience) {
					t.Errorf("the shutdown took %v", took)
				}
				s = perform(t, p, service.Config{Agent: parrot(), Journal: open()})
				pass(time.Minute)
				if diff := cmp.Diff([]string{"one", "two", "three"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(s.tried()); n != c.calls || len(p.ids()) != 3 {
					t.Errorf("%d calls, want %d; ids %v", n, c.calls, p.ids())
				}
			})
		})
	}
}

// Services come and go while messages wait: each is answered once and in order, and
// counts as waiting in every service.
func TestRestartKeepsTheOrder(t *testing.T) {
	t.Parallel()
	withRestarts(t, func(t *testing.T, open func() journal.Journal) {
		limits := instance.DefaultLimits()
		limits.Inbox = 60
		p := &platform{answer: func(ctx context.Context, _ channels.Part, _ int) error { time.Sleep(time.Second); return nil }}
		slow := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			time.Sleep(2 * time.Second)
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		})
		config := func() service.Config { return service.Config{Agent: slow, Journal: open(), Limits: limits} }
		s := perform(t, p, config())
		want := map[string][]string{}
		for i := range 20 {
			for _, sender := range []string{"ann", "bob", "cat"} {
				text := fmt.Sprint(sender, i)
				want[sender] = append(want[sender], text)
				s.post(t, "chat", sender, text)
			}
		}
		for range 4 {
			s.stop(t)
			s = perform(t, p, config())
			pass(3 * time.Second)
		}
		if err := s.inbox(t, "chat").Post(t.Context(), make([]channels.Message, 60)...); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("with messages of earlier services waiting there is room for 60: %v", err)
		}
		pass(2 * time.Minute)
		for sender, texts := range want {
			if diff := cmp.Diff(texts, s.taken("chat", sender)); diff != "" {
				t.Errorf("taken from %s (-want +got):\n%s", sender, diff)
			}
		}
		if d, err := s.journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox+d.DeadLetters > 0 {
			t.Errorf("%+v, %v waits", d, err)
		}
	})
}

// What waits for a channel that is no longer in credentials.yml waits until it returns.
func TestRestartWithoutAChannel(t *testing.T) {
	t.Parallel()
	withRestarts(t, func(t *testing.T, open func() journal.Journal) {
		p := &platform{answer: failing(1, throttled(time.Hour, channels.ScopeAddress))}
		a := &actor{play: fails(0, nil)}
		s := perform(t, p, service.Config{Agent: agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			if t.Message.ID == "three" {
				return &channels.Error{Code: channels.CodeUnavailable, RetryAfter: time.Hour}
			}
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		}), Journal: open()})
		s.post(t, "chat", "ann", "one", "two", "three", "four") // two parts wait, and two messages
		s.stop(t)

		s = perform(t, p, service.Config{Agent: a, Journal: open(), Channels: instances(t, "mail: {type: platform}\n", p.typ())})
		pass(5 * time.Hour)
		s.post(t, "mail", "ann", "other")
		if diff := cmp.Diff([]string{"other"}, s.taken("mail", "ann")); diff != "" || len(p.all()) != 2 {
			t.Errorf("%d calls, taken (-want +got):\n%s", len(p.all()), diff)
		}
		s.stop(t)

		s = perform(t, p, service.Config{Agent: a, Journal: open()})
		pass(time.Second)
		if diff := cmp.Diff([]string{"one", "two", "three", "four"}, s.taken("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if dead := s.dead(t); dead != nil {
			t.Errorf("dead letters: %v", dead)
		}
	})
}

// A turn that a crash ended after a reply is interrupted: its part leaves, and the
// sentence of on_failure behind it is a part of its own.
func TestRestartAfterACrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := reopenings()[1].open(t)
		f, p := &faulty{Journal: open()}, &platform{}
		n := 0
		f.settle = func() error {
			if n++; n > 1 {
				return errors.New("disk full")
			}
			return nil
		}
		slow := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
			defer time.Sleep(aside)
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		})
		s := perform(t, p, service.Config{Agent: slow, Journal: f})
		s.post(t, "mail", "ann", "one")
		pass(aside)
		s.stop(t) // the end of the turn was never stored
		s = perform(t, p, service.Config{Agent: quiet(t), Journal: open()})
		if diff := cmp.Diff([]string{"one", "sorry"}, s.taken("mail", "ann")); diff != "" || len(p.ids()) != 2 {
			t.Errorf("%d ids, taken (-want +got):\n%s", len(p.ids()), diff)
		}
		if diff := cmp.Diff([]string{"interrupted one"}, s.dead(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		s.counts(t, `dead_letters_total{channel="mail",kind="interrupted"} 1`)
	})
}

// What a crash ended of a message with an id is known to those who ask again: its turn
// is run again when nothing was recorded, and is aborted otherwise.
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
			eachRoute(t, func(t *testing.T, r route) {
				open := reopenings()[1].open(t)
				f, steps := &faulty{Journal: open()}, 0
				f.settleAsk = func() error { steps++; return fault(steps > c.recorded) }
				a := &theatre{script: func(ctx context.Context, _ int, r channels.Replier) error {
					defer time.Sleep(aside)
					if err := text(ctx, r, "one"); err != nil {
						return err
					}
					time.Sleep(aside)
					return text(ctx, r, "two")
				}}
				h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a, Journal: keptOpen{f}}, time.Second)
				first := asks(t.Context(), h, r, once("hi"))
				pass(time.Minute)
				h.close()
				if err := <-h.served; err != nil {
					t.Error(err)
				}
				<-first
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				h = bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a, Journal: open()}, patience)
				gets(t, "who asks again", <-asks(t.Context(), h, r, once("hi")), c.code, c.texts...)
				if n := a.played(); n != c.turns {
					t.Errorf("%d turns, want %d", n, c.turns)
				}
			})
		})
	}
}
