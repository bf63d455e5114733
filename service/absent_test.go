package service_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
)

// events returns the events of a kind, in order.
func (s *stage) events(t *testing.T, kind channels.EventKind) (list []channels.Event) {
	t.Helper()
	page, err := s.journal.Events(context.Background(), journal.EventFilter{}, -1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Events {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// A part for somebody absent waits, with growing pauses up to a minute, and then
// expires: that is an event and no dead letter. What stands behind it expires too.
func TestAbsentExpires(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name       string
		keep, want time.Duration
		least      int // attempts
	}{{"a day", 0, day, 24 * 60}, {"three days", 3 * day, 3 * day, 3 * 24 * 60}, {"half a minute", 30 * time.Second, 30 * time.Second, 5}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{answer: failing(always, &channels.SendError{Class: channels.SendAbsent, Keep: c.keep})}, service.Config{Agent: parrot()})
				s.post(t, "chat", "ann", "one", "two")
				pass(c.want - time.Second)
				if got := s.events(t, channels.EventExpired); got != nil {
					t.Errorf("too early: %+v", got)
				}
				pass(time.Second)
				got := s.events(t, channels.EventExpired)
				if len(got) != 1 || got[0].Sender != "ann" || got[0].Part == "" || got[0].Reason != "absent" {
					t.Errorf("events: %+v", got)
				}
				if dead := s.dead(t); dead != nil {
					t.Errorf("dead letters: %v", dead)
				}
				if diff := cmp.Diff([]string{"two"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if n := len(s.tried()); n < c.least || n > c.least+20 {
					t.Errorf("%d attempts, want about %d", n, c.least)
				}
				if log := s.log.String(); strings.Contains(log, `"level":"WARN"`) {
					t.Errorf("the log makes much of it: %s", log)
				}
			})
		})
	}
}

// Whoever is back gets what waits at once, and in order.
func TestAbsentWakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		there := false
		s := perform(t, &platform{answer: func(context.Context, channels.Part, int) error {
			if there {
				return nil
			}
			return class(channels.SendAbsent)
		}}, service.Config{Agent: parrot()})
		s.post(t, "chat", "ann", "one", "two")
		s.post(t, "chat", "bob", "three")
		pass(time.Hour + time.Second)
		there = true
		if err := s.inbox(t, "chat").(channels.Waker).Wake(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		pass(0)
		if diff := cmp.Diff([]string{"one", "two"}, s.taken("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if got := s.taken("chat", "bob"); got != nil {
			t.Errorf("the other is sent too: %v", got)
		}
		if err := s.inbox(t, "mail").(channels.Waker).Wake(t.Context(), "ann"); err != nil {
			t.Errorf("nothing waits, and Wake fails: %v", err)
		}
	})
}

// Somebody may come back while an attempt is failing for want of them.
func TestAbsentWakesDuringAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{answer: func(_ context.Context, _ channels.Part, n int) error {
			if n == 5 {
				time.Sleep(time.Second) // has found nobody
			}
			if n <= 5 {
				return class(channels.SendAbsent)
			}
			return nil
		}}, service.Config{Agent: parrot()})
		s.post(t, "chat", "ann", "one")
		for len(s.tried()) < 5 {
			pass(time.Second / 2)
		}
		if err := s.inbox(t, "chat").(channels.Waker).Wake(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		if diff := cmp.Diff([]string{"one"}, s.taken("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}
