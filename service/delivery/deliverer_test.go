package delivery_test

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
	"github.com/manyvox/manyvox/service/servicetest"
)

// A part that the platform will never accept is given up at once. The next part leaves.
func TestDelivererGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []channels.SendClass{channels.SendRejected, channels.SendGone} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: servicetest.FailSends(servicetest.Always, servicetest.SendFailure(c))}, service.Config{Agent: servicetest.Echo()})
				s.Post(t, "chat", "ann", "one", "two")
				if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"undelivered one"}, s.DeadLetters(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				s.CheckMetrics(t, `deliveries_total{channel="chat",class="`+string(c)+`"} 1`, `deliveries_total{channel="chat",class="sent"} 1`,
					`dead_letters_total{channel="chat",kind="undelivered"} 1`)
			})
		})
	}
}

// hangs blocks the first calls of a part until their context ends.
func hangs(ctx context.Context, p channels.Part, n int) error {
	if p.Reply.Text != servicetest.Private+"one" || n > 3 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// A part that fails is tried again, with growing pauses. Later parts of the conversation
// wait for it, other conversations do not.
func TestDelivererTriesAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(context.Context, channels.Part, int) error
		class  channels.SendClass
		longer time.Duration // what each call took
	}{
		{"unavailable", servicetest.FailSends(3, servicetest.SendFailure(channels.SendUnavailable)), channels.SendUnavailable, 0},
		{"unknown", servicetest.FailSends(3, servicetest.SendFailure(channels.SendUnknown)), channels.SendUnknown, 0},
		{"throttled without a time", servicetest.FailSends(3, servicetest.SendFailure(channels.SendThrottled)), channels.SendThrottled, 0},
		{"plain error", servicetest.FailSends(3, errors.New("broken")), channels.SendUnknown, 0},
		{"panic", func(_ context.Context, p channels.Part, n int) error {
			if p.Reply.Text == servicetest.Private+"one" && n <= 3 {
				panic("oh no")
			}
			return nil
		}, channels.SendUnknown, 0},
		{"hangs", hangs, channels.SendUnknown, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: c.answer}, service.Config{Agent: servicetest.Echo()})
				s.Post(t, "chat", "ann", "one", "two")
				s.Post(t, "chat", "bob", "other")
				if diff := cmp.Diff([]string{"other"}, s.Accepted("chat", "bob")); diff != "" {
					t.Errorf("the other conversation waits (-want +got):\n%s", diff)
				}
				servicetest.Advance(10 * time.Minute)
				if diff := cmp.Diff([]string{"one", "two"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				servicetest.CheckPauses(t, s.Attempts(), c.longer, time.Second, 2*time.Second, 4*time.Second)
				s.CheckMetrics(t, fmt.Sprintf("deliveries_total{channel=%q,class=%q} 3", "chat", c.class), `deliveries_total{channel="chat",class="sent"} 3`)
			})
		})
	}
}

// The id of a part is the same at each attempt.
func TestDelivererKeepsTheID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: servicetest.FailSends(5, servicetest.SendFailure(channels.SendUnknown))}, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Hour)
		if len(s.SendsByID()) != 1 || len(s.Calls()) != 6 {
			t.Errorf("%d calls for the ids %v, want 6 for one", len(s.Calls()), s.SendsByID())
		}
	})
}

// A part is given up after ten attempts and an hour, and is never sent at the age of a
// day. A platform can ask for a pause of an hour at most.
func TestDelivererGivesUpLate(t *testing.T) {
	t.Parallel()
	const day, hour = 24 * time.Hour, time.Hour
	for _, c := range []struct {
		name        string
		err         error
		after       time.Duration // when it is given up, or up to one pause later
		least, most int           // attempts
		kind        string
	}{
		{"unavailable", servicetest.SendFailure(channels.SendUnavailable), hour, 11, 25, "undelivered"},
		{"unknown", servicetest.SendFailure(channels.SendUnknown), hour, 11, 25, "undelivered"},
		{"throttled for 3 h", servicetest.Throttled(3*hour, channels.ScopeAddress), 9 * hour, 10, 10, "undelivered"},
		{"throttled for 20 min", servicetest.Throttled(20*time.Minute, channels.ScopeAddress), 3 * hour, 10, 10, "undelivered"},
		{"unauthorized", servicetest.SendFailure(channels.SendUnauthorized), day, 24*60 - 20, 24*60 + 1, "expired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: servicetest.FailSends(servicetest.Always, c.err)}, service.Config{Agent: servicetest.Echo()})
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(c.after - time.Second)
				if dead := s.DeadLetters(t); dead != nil {
					t.Errorf("after %d attempts and %v there is %v", len(s.Attempts()), c.after-time.Second, dead)
				}
				servicetest.Advance(time.Second + 10*time.Minute)
				if diff := cmp.Diff([]string{c.kind + " one"}, s.DeadLetters(t)); diff != "" {
					t.Errorf("dead letters (-want +got):\n%s", diff)
				}
				if n := len(s.Attempts()); n < c.least || n > c.most {
					t.Errorf("%d attempts, want %d to %d", n, c.least, c.most)
				}
			})
		})
	}
}

// A part that the platform accepted is not sent again while the journal cannot record
// that. The next parts leave once the journal works again.
func TestDelivererOutlivesTheJournalsFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(context.Context, channels.Part, int) error
		calls  int
	}{
		{"sent", nil, 1},
		{"to be tried again", servicetest.FailSends(1, servicetest.SendFailure(channels.SendUnavailable)), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := servicetest.NewFaultyJournal()
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: c.answer}, service.Config{Agent: servicetest.Echo(), Journal: f})
				f.Set(func() { f.OnSettlePart = func() error { return errors.New("disk full") } })
				s.Post(t, "chat", "ann", "one", "two")
				servicetest.Advance(time.Minute)
				f.Set(func() { f.OnSettlePart = nil })
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff([]string{"one", "two"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(s.Attempts()); n != c.calls {
					t.Errorf("%d calls for the first, want %d", n, c.calls)
				}
			})
		})
	}
}
