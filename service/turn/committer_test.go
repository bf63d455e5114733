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
	"github.com/manyvox/manyvox/service/journal"
)

// pausing replies three times, with pauses longer than a batch between.
func pausing(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	for _, text := range []string{"one", "two", "three"} {
		if err := say(ctx, r, text); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// failsFrom makes the journal fail from the nth try on, so many times.
func failsFrom(n, times int) func(int, journal.Step) error {
	return func(try int, _ journal.Step) error {
		if try >= n && try < n+times {
			return errors.New("database is locked")
		}
		return nil
	}
}

// A journal that fails for a while in the middle of a turn costs nothing: each reply is
// committed once and in order, and the turn is done.
func TestCommitterTriesAgain(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"the first reply": 1, "the second": 2, "the third": 3, "the end": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, agents.Func(pausing), func(s *settings) { s.journal.fault = failsFrom(n, 4) })
				h.post(t, "ann", "hi")
				advance(time.Minute)
				if diff := cmp.Diff([]string{"message hi", "reply one", "reply two", "reply three"}, h.events(t, "ann")); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if dead := h.dead(t); dead != nil || h.parts(t) != 3 {
					t.Errorf("%d parts, dead letters %v", h.parts(t), dead)
				}
				for try := n; try < n+4; try++ {
					if diff := cmp.Diff(h.journal.settled[n-1], h.journal.settled[try]); diff != "" {
						t.Errorf("try %d settles another step (-want +got):\n%s", try+1, diff)
					}
				}
			})
		})
	}
}

// The same for a caller that waits. It sees a reply once that is committed.
func TestCommitterTriesAgainForACaller(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"the first reply": 1, "the second": 2, "the third": 3, "the end": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, agents.Func(pausing), func(s *settings) { s.journal.fault = failsFrom(n, 4) })
				texts, err := h.askOnce(t.Context(), "ann", "m1")
				if diff := cmp.Diff([]string{"one", "two", "three"}, texts); diff != "" || err != nil {
					t.Errorf("error %v, shown (-want +got):\n%s", err, diff)
				}
				again, err := h.askOnce(t.Context(), "ann", "m1")
				if diff := cmp.Diff(texts, again); diff != "" || err != nil {
					t.Errorf("a repeat: error %v (-want +got):\n%s", err, diff)
				}
			})
		})
	}
}

// The next reply waits while a step cannot be committed, and no longer than the turn. The
// turn ends then, once what it gave is committed.
func TestCommitterHoldsUpTheAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var waited time.Duration
		var second error
		deaf := agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			first := say(ctx, r, "one")
			time.Sleep(10 * time.Millisecond)
			began := time.Now()
			second = say(context.WithoutCancel(ctx), r, "two")
			waited = time.Since(began)
			return errors.Join(first, second)
		})
		h := newHarness(t, deaf, func(s *settings) { s.journal.fault = failsFrom(1, 30) })
		h.post(t, "ann", "hi")
		advance(time.Hour)
		if waited != 2*time.Minute-10*time.Millisecond || second == nil {
			t.Errorf("the second reply waited %v, error %v", waited, second)
		}
		if diff := cmp.Diff([]string{"message hi", "reply one", "interrupted"}, h.events(t, "ann")); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// A program that ends gives up after a last try: the message is given out again.
func TestCommitterGivesUpAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agents.Func(pausing), func(s *settings) { s.journal.fault = failsFrom(1, 1000) })
		h.post(t, "ann", "hi")
		advance(time.Minute)
		tries := len(h.journal.settled)
		h.stop()
		if n := len(h.journal.settled) - tries; n != 2 { // the step, and the end
			t.Errorf("%d tries after the end, want 2", n)
		}
		if diff := cmp.Diff([]string{"message hi"}, h.events(t, "ann")); diff != "" || h.dead(t) != nil {
			t.Errorf("dead letters %v, events (-want +got):\n%s", h.dead(t), diff)
		}
	})
}

// A step that was committed although the journal did not know it is settled again as it
// was, so that the journal recognizes it: nothing is committed twice.
func TestCommitterSettlesTheSameStepAgain(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"the first reply": 1, "the second": 2, "the third": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, agents.Func(pausing), func(s *settings) {
					s.journal.fault, s.journal.unknown = failsFrom(n, 3), true
				})
				h.post(t, "ann", "hi")
				advance(time.Minute)
				if diff := cmp.Diff([]string{"message hi", "reply one", "reply two", "reply three"}, h.events(t, "ann")); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if h.parts(t) != 3 || h.dead(t) != nil {
					t.Errorf("%d parts, dead letters %v", h.parts(t), h.dead(t))
				}
			})
		})
	}
}
