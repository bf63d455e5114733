package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// failing returns an answer that fails the calls with the text "one", as often as told.
func failing(times int, err error) func(context.Context, channels.Part, int) error {
	return func(_ context.Context, p channels.Part, n int) error {
		if p.Reply.Text == private+"one" && n <= times {
			return err
		}
		return nil
	}
}

const always = 1 << 30

func class(c channels.SendClass) error {
	return &channels.SendError{Class: c, Err: errors.New("status 000")}
}

// A part that the platform will never take is given up at once; what stands behind it
// goes on.
func TestDeliveryGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []channels.SendClass{channels.SendRejected, channels.SendGone} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{answer: failing(always, class(c))}, service.Config{Agent: parrot()})
				s.post(t, "chat", "ann", "one", "two")
				if diff := cmp.Diff([]string{"two"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"undelivered one"}, s.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				s.counts(t, `deliveries_total{channel="chat",class="`+string(c)+`"} 1`, `deliveries_total{channel="chat",class="sent"} 1`,
					`dead_letters_total{channel="chat",kind="undelivered"} 1`)
			})
		})
	}
}

// hung is a call that ends with its context.
func hung(ctx context.Context, p channels.Part, n int) error {
	if p.Reply.Text != private+"one" || n > 3 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// A part that fails is tried again, with growing pauses and before all that stands
// behind it. Other conversations don't wait.
func TestDeliveryTriesAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(context.Context, channels.Part, int) error
		class  channels.SendClass
		longer time.Duration // what each call took
	}{
		{"unavailable", failing(3, class(channels.SendUnavailable)), channels.SendUnavailable, 0},
		{"unknown", failing(3, class(channels.SendUnknown)), channels.SendUnknown, 0},
		{"throttled without a time", failing(3, class(channels.SendThrottled)), channels.SendThrottled, 0},
		{"plain error", failing(3, errors.New("broken")), channels.SendUnknown, 0},
		{"panic", func(_ context.Context, p channels.Part, n int) error {
			if p.Reply.Text == private+"one" && n <= 3 {
				panic("oh no")
			}
			return nil
		}, channels.SendUnknown, 0},
		{"hangs", hung, channels.SendUnknown, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{answer: c.answer}, service.Config{Agent: parrot()})
				s.post(t, "chat", "ann", "one", "two")
				s.post(t, "chat", "bob", "other")
				if diff := cmp.Diff([]string{"other"}, s.taken("chat", "bob")); diff != "" {
					t.Errorf("the other conversation waits (-want +got):\n%s", diff)
				}
				pass(10 * time.Minute)
				if diff := cmp.Diff([]string{"one", "two"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				wantPauses(t, s.tried(), c.longer, time.Second, 2*time.Second, 4*time.Second)
				s.counts(t, fmt.Sprintf("deliveries_total{channel=%q,class=%q} 3", "chat", c.class), `deliveries_total{channel="chat",class="sent"} 3`)
			})
		})
	}
}

// wantPauses checks that each pause, less the time of the call, is between half of what
// is wanted and all of it.
func wantPauses(t *testing.T, at []time.Time, took time.Duration, want ...time.Duration) {
	t.Helper()
	if len(at) != len(want)+1 {
		t.Fatalf("%d calls, want %d", len(at), len(want)+1)
	}
	for i, w := range want {
		if got := at[i+1].Sub(at[i]) - took; got < w/2 || got > w {
			t.Errorf("pause %d is %v, want %v to %v", i+1, got, w/2, w)
		}
	}
}

// The id of a part is the same at each attempt.
func TestDeliveryKeepsTheID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{answer: failing(5, class(channels.SendUnknown))}, service.Config{Agent: parrot()})
		s.post(t, "chat", "ann", "one")
		pass(time.Hour)
		if len(s.ids()) != 1 || len(s.all()) != 6 {
			t.Errorf("%d calls for the ids %v, want 6 for one", len(s.all()), s.ids())
		}
	})
}

// A part is given up after ten attempts and an hour, or a day.
func TestDeliveryGivesUpLate(t *testing.T) {
	t.Parallel()
	const day, hour = 24 * time.Hour, time.Hour
	for _, c := range []struct {
		name        string
		err         error
		after       time.Duration // at which it is given up, at the latest a pause later
		least, most int           // attempts
	}{
		{"unavailable", class(channels.SendUnavailable), hour, 11, 25},
		{"unknown", class(channels.SendUnknown), hour, 11, 25},
		{"throttled for 3 h", throttled(3*hour, channels.ScopeAddress), day, 9, 9},
		{"throttled for 20 min", throttled(20*time.Minute, channels.ScopeAddress), 3 * hour, 10, 10},
		{"unauthorized", class(channels.SendUnauthorized), day, 24*60 - 20, 24*60 + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{answer: failing(always, c.err)}, service.Config{Agent: parrot()})
				s.post(t, "chat", "ann", "one")
				pass(c.after - time.Second)
				if dead := s.dead(t); dead != nil {
					t.Errorf("after %d attempts and %v there is %v", len(s.tried()), c.after-time.Second, dead)
				}
				pass(time.Second + 10*time.Minute)
				if diff := cmp.Diff([]string{"undelivered one"}, s.dead(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if n := len(s.tried()); n < c.least || n > c.most {
					t.Errorf("%d attempts, want %d to %d", n, c.least, c.most)
				}
			})
		})
	}
}

func throttled(d time.Duration, s channels.SendScope) error {
	return &channels.SendError{Class: channels.SendThrottled, RetryAfter: d, Scope: s}
}

// What the platform took is not sent again although the journal fails to note it for
// a while, and what stands behind it is sent when the journal is back.
func TestDeliveryOutlivesTheJournalsFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(context.Context, channels.Part, int) error
		calls  int
	}{
		{"sent", nil, 1},
		{"to be tried again", failing(1, class(channels.SendUnavailable)), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFaulty()
				s := perform(t, &platform{answer: c.answer}, service.Config{Agent: parrot(), Journal: f})
				f.fail(func() { f.settlePart = func() error { return errors.New("disk full") } })
				s.post(t, "chat", "ann", "one", "two")
				pass(time.Minute)
				f.fail(func() { f.settlePart = nil })
				pass(time.Minute)
				if diff := cmp.Diff([]string{"one", "two"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(s.tried()); n != c.calls {
					t.Errorf("%d calls for the first, want %d", n, c.calls)
				}
			})
		})
	}
}
