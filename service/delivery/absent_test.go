package delivery_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// expired returns the events of the parts that expired, in order.
func expired(t *testing.T, s *servicetest.Harness) (list []channels.Event) {
	t.Helper()
	for _, e := range servicetest.Events(t, s.Journal) {
		if e.Kind == channels.EventExpired {
			list = append(list, e)
		}
	}
	return list
}

// A part whose reader is absent waits for Wake without being tried, and expires: a moment
// before it grows stale at the latest. That makes an event and no dead letter. The next
// part then leaves.
func TestAbsentExpires(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name       string
		keep, want time.Duration
	}{{"a day", 0, day - time.Second}, {"three days", 3 * day, day - time.Second}, {"half a minute", 30 * time.Second, 30 * time.Second}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: servicetest.FailSends(servicetest.Always, &channels.SendError{Class: channels.SendAbsent, Keep: c.keep})}, service.Config{Agent: servicetest.Echo()})
				s.Post(t, "chat", "ann", "one", "two")
				servicetest.Advance(c.want - time.Second)
				if got := expired(t, s); got != nil {
					t.Errorf("too early: %+v", got)
				}
				servicetest.Advance(time.Second)
				got := expired(t, s)
				if len(got) != 1 || got[0].Sender != "ann" || got[0].Part == "" || got[0].Reason != "absent" {
					t.Errorf("events: %+v", got)
				}
				if dead := s.DeadLetters(t); dead != nil {
					t.Errorf("dead letters: %v", dead)
				}
				if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(s.Attempts()); n != 2 {
					t.Errorf("%d attempts, want one at once and one when it expires", n)
				}
				if log := s.Log.String(); strings.Contains(log, `"level":"WARN"`) {
					t.Errorf("the log has a warning or an error: %s", log)
				}
			})
		})
	}
}

// A reader who returns gets all waiting parts at once, in order.
func TestAbsentWakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		there := false
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(context.Context, channels.Part, int) error {
			if there {
				return nil
			}
			return servicetest.SendFailure(channels.SendAbsent)
		}}, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one", "two")
		s.Post(t, "chat", "bob", "three")
		servicetest.Advance(time.Hour + time.Second)
		there = true
		if err := s.Inbox(t, "chat").(channels.Waker).Wake(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		servicetest.Advance(0)
		if diff := cmp.Diff([]string{"one", "two"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if got := s.Accepted("chat", "bob"); got != nil {
			t.Errorf("the other is sent too: %v", got)
		}
		if err := s.Inbox(t, "mail").(channels.Waker).Wake(t.Context(), "ann"); err != nil {
			t.Errorf("nothing waits, and Wake fails: %v", err)
		}
	})
}

// A reader may return while an attempt is under way that has not found them.
func TestAbsentWakesDuringAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(_ context.Context, _ channels.Part, n int) error {
			if n == 1 {
				time.Sleep(time.Second) // has found no reader
				return servicetest.SendFailure(channels.SendAbsent)
			}
			return nil
		}}, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Second / 2)
		if err := s.Inbox(t, "chat").(channels.Waker).Wake(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		servicetest.Advance(2 * time.Second)
		if diff := cmp.Diff([]string{"one"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}
