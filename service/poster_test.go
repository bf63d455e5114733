package service_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// actor is an agent that plays a script for some texts and says the others back.
type actor struct {
	play func(ctx context.Context, t agents.Turn, r channels.Replier, n int) error

	mu     sync.Mutex
	began  map[string][]time.Time
	onAir  map[channels.Conversation]bool
	tangle int
}

func (a *actor) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	n := a.enter(t.Message)
	defer a.leave(t.Message)
	if a.play != nil && t.Message.Text == private+"one" {
		return a.play(ctx, t, r, n)
	}
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

func (a *actor) enter(m channels.Message) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.began == nil {
		a.began, a.onAir = map[string][]time.Time{}, map[channels.Conversation]bool{}
	}
	if a.onAir[m.Conversation()] {
		a.tangle++
	}
	a.onAir[m.Conversation()] = true
	a.began[m.ID] = append(a.began[m.ID], time.Now())
	return len(a.began[m.ID])
}

func (a *actor) leave(m channels.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.onAir, m.Conversation())
}

// runs returns when the turns of a message began.
func (a *actor) runs(id string) []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.began[id])
}

// fails is a script that shows texts and then fails, the first times.
func fails(times int, err error, texts ...string) func(context.Context, agents.Turn, channels.Replier, int) error {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
		if n > times {
			return r.Reply(ctx, channels.Reply{Text: private + "at last"})
		}
		for _, text := range texts {
			if err := r.Reply(ctx, channels.Reply{Text: private + text}); err != nil {
				return err
			}
		}
		return err
	}
}

// A turn that failed before it showed anything is run again, and the messages behind
// it wait for it; those of others don't.
func TestPosterRunsAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		play   func(context.Context, agents.Turn, channels.Replier, int) error
		took   time.Duration
		pauses []time.Duration
	}{
		{"fails", fails(3, errors.New("no")), 0, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
		{"is unavailable", fails(1, channels.Errorf(channels.CodeUnavailable, "later")), 0, []time.Duration{time.Second}},
		{"panics", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				panic("oh no")
			}
			return r.Reply(ctx, channels.Reply{Text: private + "at last"})
		}, 0, []time.Duration{time.Second}},
		{"takes too long", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return r.Reply(ctx, channels.Reply{Text: private + "at last"})
		}, 2 * time.Minute, []time.Duration{time.Second}},
		{"fails after a piece of text", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				return errors.Join(r.Delta(ctx, private+"a piece"), errors.New("no"))
			}
			return r.Reply(ctx, channels.Reply{Text: private + "at last"})
		}, 0, []time.Duration{time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &actor{play: c.play}
				s := perform(t, &platform{}, service.Config{Agent: a})
				s.post(t, "mail", "ann", "one", "two")
				s.post(t, "mail", "bob", "other")
				if diff := cmp.Diff([]string{"other"}, s.taken("mail", "bob")); diff != "" {
					t.Errorf("the other conversation waits (-want +got):\n%s", diff)
				}
				pass(5 * time.Minute)
				if diff := cmp.Diff([]string{"at last", "two"}, s.taken("mail", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				wantPauses(t, a.runs("one"), c.took, c.pauses...)
				if dead := s.dead(t); dead != nil {
					t.Errorf("dead letters: %v", dead)
				}
			})
		})
	}
}

// A turn is given up at last, its user is told so, and the next begins.
func TestPosterGivesUp(t *testing.T) {
	t.Parallel()
	boom := errors.New("no")
	for _, c := range []struct {
		name        string
		play        func(context.Context, agents.Turn, channels.Replier, int) error
		least, most int           // runs
		after       time.Duration // at which it is given up, at the latest a pause later
		kind        string
		taken       []string
	}{
		{"after many failures", fails(always, boom), 8, 20, 10 * time.Minute, "failed", []string{"sorry", "two"}},
		{"slowly", fails(always, &channels.Error{Code: channels.CodeOverloaded, RetryAfter: 5 * time.Minute}), 5, 5, 20 * time.Minute, "failed", []string{"sorry", "two"}},
		{"for good", fails(always, channels.Errorf(channels.CodeNotFound, "no such model")), 1, 1, 0, "failed", []string{"sorry", "two"}},
		{"after a reply", fails(1, boom, "shown"), 1, 1, 0, "interrupted", []string{"shown", "sorry", "two"}},
		{"after a reply, terminal", fails(1, channels.Errorf(channels.CodeInvalid, "no"), "shown", "too"), 1, 1, 0, "interrupted", []string{"shown", "too", "sorry", "two"}},
		{"panic after a reply", func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			_ = r.Reply(ctx, channels.Reply{Text: private + "shown"})
			panic("oh no")
		}, 1, 1, 0, "interrupted", []string{"shown", "sorry", "two"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &actor{play: c.play}
				s := perform(t, &platform{}, service.Config{Agent: a})
				s.post(t, "mail", "ann", "one", "two")
				if c.after > 0 {
					pass(c.after - time.Second)
				}
				if dead := s.dead(t); c.after > 0 && dead != nil {
					t.Errorf("too early: %v", dead)
				}
				pass(2*time.Minute + time.Second)
				if diff := cmp.Diff([]string{c.kind + " one"}, s.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.taken, s.taken("mail", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(a.runs("one")); n < c.least || n > c.most {
					t.Errorf("%d runs, want %d to %d", n, c.least, c.most)
				}
				if len(s.ids()) != len(c.taken) {
					t.Errorf("%d ids for %d parts: %v", len(s.ids()), len(c.taken), s.ids())
				}
				s.counts(t, `dead_letters_total{channel="mail",kind="`+c.kind+`"} 1`)
			})
		})
	}
}

// aside is a pause after which a reply is committed without waiting for the next.
const aside = time.Second

// A reply that cannot be stored is not sent, and the turn fails: it is run again when
// nothing was stored before, and else is interrupted.
func TestPosterRepliesThatAreNotStored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault int // the call of Settle that fails, from 1
		taken []string
		dead  []string
	}{
		{"the first", 1, []string{"a", "b"}, nil},
		{"the second", 2, []string{"a", "sorry"}, []string{"interrupted one"}},
		{"the end", 3, []string{"a", "b"}, nil},
	} {
		for name, deaf := range map[string]bool{"": false, " of an agent that takes no notice": true} {
			t.Run(c.name+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					a := &actor{play: func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
						first := r.Reply(ctx, channels.Reply{Text: private + "a"})
						time.Sleep(aside)
						if first != nil && !deaf {
							return first
						}
						second := r.Reply(ctx, channels.Reply{Text: private + "b"})
						time.Sleep(aside)
						if deaf {
							return nil
						}
						return second
					}}
					f := newFaulty()
					calls := 0
					f.settle = func() error {
						if calls++; calls == c.fault {
							return errors.New("disk full")
						}
						return nil
					}
					s := perform(t, &platform{}, service.Config{Agent: a, Journal: f})
					s.post(t, "mail", "ann", "one")
					pass(time.Minute)
					if diff := cmp.Diff(c.taken, s.taken("mail", "ann")); diff != "" {
						t.Errorf("taken (-want +got):\n%s", diff)
					}
					if diff := cmp.Diff(c.dead, s.dead(t)); diff != "" {
						t.Errorf("dead letters (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// A channel whose Fit panics takes nothing else with it.
func TestPosterFitPanics(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(context.Context, agents.Turn, channels.Replier, int) error{
		"at a reply": fails(always, nil, "shown"),
		"at a text in pieces": func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			return r.Delta(ctx, private+"a piece")
		},
		"at the last sentence": fails(always, channels.Errorf(channels.CodeNotFound, "no")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &platform{fit: func(p channels.Part) []channels.Part {
					if p.Sender == "ann" {
						panic("oh no")
					}
					return []channels.Part{p}
				}}
				s := perform(t, p, service.Config{Agent: &actor{play: play}})
				s.post(t, "mail", "ann", "one")
				s.post(t, "mail", "bob", "other")
				pass(20 * time.Minute)
				if diff := cmp.Diff([]string{"failed one"}, s.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"other"}, s.taken("mail", "bob")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
			})
		})
	}
}
