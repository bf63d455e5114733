package turn_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A turn that failed before it showed anything is run again. Later messages of the
// conversation wait for it, those of others do not.
func TestStoredTurnRunsAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		script servicetest.Script
		took   time.Duration
		pauses []time.Duration
	}{
		{"fails", servicetest.FailTurns(3, errors.New("no")), 0, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
		{"is unavailable", servicetest.FailTurns(1, channels.Errorf(channels.CodeUnavailable, "later")), 0, []time.Duration{time.Second}},
		{"panics", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				panic("oh no")
			}
			return r.Reply(ctx, channels.Reply{Text: servicetest.Private + "at last"})
		}, 0, []time.Duration{time.Second}},
		{"takes too long", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return r.Reply(ctx, channels.Reply{Text: servicetest.Private + "at last"})
		}, 2 * time.Minute, []time.Duration{time.Second}},
		{"fails after a piece of text", func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
			if n == 1 {
				return errors.Join(r.Delta(ctx, servicetest.Private+"a piece"), errors.New("no"))
			}
			return r.Reply(ctx, channels.Reply{Text: servicetest.Private + "at last"})
		}, 0, []time.Duration{time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &servicetest.ScriptedAgent{Script: c.script}
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a})
				s.Post(t, "mail", "ann", "one", "two")
				s.Post(t, "mail", "bob", "other")
				if diff := cmp.Diff([]string{"other"}, s.Accepted("mail", "bob")); diff != "" {
					t.Errorf("the other conversation waits (-want +got):\n%s", diff)
				}
				servicetest.Advance(5 * time.Minute)
				if diff := cmp.Diff([]string{"at last", "two"}, s.Accepted("mail", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				servicetest.CheckPauses(t, a.Runs("one"), c.took, c.pauses...)
				if dead := s.DeadLetters(t); dead != nil {
					t.Errorf("dead letters: %v", dead)
				}
			})
		})
	}
}

// A turn is given up in the end: the user gets the text of on_failure, and the next turn
// begins.
func TestStoredTurnIsGivenUp(t *testing.T) {
	t.Parallel()
	boom := errors.New("no")
	for _, c := range []struct {
		name        string
		script      servicetest.Script
		least, most int           // runs
		after       time.Duration // when it is given up, or up to one pause later
		kind        string
		taken       []string
	}{
		{"after many failures", servicetest.FailTurns(servicetest.Always, boom), 8, 20, 10 * time.Minute, "failed", []string{"sorry", "two"}},
		{"slowly", servicetest.FailTurns(servicetest.Always, &channels.Error{Code: channels.CodeOverloaded, RetryAfter: 5 * time.Minute}), 5, 5, 20 * time.Minute, "failed", []string{"sorry", "two"}},
		{"for good", servicetest.FailTurns(servicetest.Always, channels.Errorf(channels.CodeNotFound, "no such model")), 1, 1, 0, "failed", []string{"sorry", "two"}},
		{"after a reply", servicetest.FailTurns(1, boom, "shown"), 1, 1, 0, "interrupted", []string{"shown", "sorry", "two"}},
		{"after a reply, terminal", servicetest.FailTurns(1, channels.Errorf(channels.CodeInvalid, "no"), "shown", "too"), 1, 1, 0, "interrupted", []string{"shown", "too", "sorry", "two"}},
		{"panic after a reply", func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			_ = r.Reply(ctx, channels.Reply{Text: servicetest.Private + "shown"})
			panic("oh no")
		}, 1, 1, 0, "interrupted", []string{"shown", "sorry", "two"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &servicetest.ScriptedAgent{Script: c.script}
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a})
				s.Post(t, "mail", "ann", "one", "two")
				if c.after > 0 {
					servicetest.Advance(c.after - time.Second)
				}
				if dead := s.DeadLetters(t); c.after > 0 && dead != nil {
					t.Errorf("too early: %v", dead)
				}
				servicetest.Advance(2*time.Minute + time.Second)
				if diff := cmp.Diff([]string{c.kind + " one"}, s.DeadLetters(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.taken, s.Accepted("mail", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(a.Runs("one")); n < c.least || n > c.most {
					t.Errorf("%d runs, want %d to %d", n, c.least, c.most)
				}
				if len(s.SendsByID()) != len(c.taken) {
					t.Errorf("%d ids for %d parts: %v", len(s.SendsByID()), len(c.taken), s.SendsByID())
				}
				s.CheckMetrics(t, `dead_letters_total{channel="mail",kind="`+c.kind+`"} 1`)
			})
		})
	}
}

// A reply that cannot be stored is not sent until it can be. The turn goes on, whatever
// the agent makes of it.
func TestStoredTurnWhoseRepliesCannotBeStored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault int // the call of Settle that fails, from 1
		taken []string
		dead  []string
	}{
		{"the first", 1, []string{"a", "b"}, nil},
		{"the second", 2, []string{"a", "b"}, nil},
		{"the end", 3, []string{"a", "b"}, nil},
	} {
		for name, ignores := range map[string]bool{"": false, " of an agent that ignores the error": true} {
			t.Run(c.name+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					a := &servicetest.ScriptedAgent{Script: func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
						first := r.Reply(ctx, channels.Reply{Text: servicetest.Private + "a"})
						time.Sleep(servicetest.CommitPause)
						if first != nil && !ignores {
							return first
						}
						second := r.Reply(ctx, channels.Reply{Text: servicetest.Private + "b"})
						time.Sleep(servicetest.CommitPause)
						if ignores {
							return nil
						}
						return second
					}}
					f := servicetest.NewFaultyJournal()
					calls := 0
					f.OnSettle = func() error {
						if calls++; calls == c.fault {
							return errors.New("disk full")
						}
						return nil
					}
					s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a, Journal: f})
					s.Post(t, "mail", "ann", "one")
					servicetest.Advance(time.Minute)
					if diff := cmp.Diff(c.taken, s.Accepted("mail", "ann")); diff != "" {
						t.Errorf("taken (-want +got):\n%s", diff)
					}
					if diff := cmp.Diff(c.dead, s.DeadLetters(t)); diff != "" {
						t.Errorf("dead letters (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// A channel whose Fit panics ends that turn alone.
func TestStoredTurnWhoseFitPanics(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]servicetest.Script{
		"at a reply": servicetest.FailTurns(servicetest.Always, nil, "shown"),
		"at a text in pieces": func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
			return r.Delta(ctx, servicetest.Private+"a piece")
		},
		"at the last sentence": servicetest.FailTurns(servicetest.Always, channels.Errorf(channels.CodeNotFound, "no")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.FakePlatform{OnFit: func(p channels.Part) []channels.Part {
					if p.Sender == "ann" {
						panic("oh no")
					}
					return []channels.Part{p}
				}}
				s := servicetest.NewHarness(t, p, service.Config{Agent: &servicetest.ScriptedAgent{Script: script}})
				s.Post(t, "mail", "ann", "one")
				s.Post(t, "mail", "bob", "other")
				servicetest.Advance(20 * time.Minute)
				if diff := cmp.Diff([]string{"failed one"}, s.DeadLetters(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"other"}, s.Accepted("mail", "bob")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
			})
		})
	}
}
