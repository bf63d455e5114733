package service_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// A platform that says when to come again is obeyed: by the whole channel or by the
// conversation, as it says, and by nobody else.
func TestLanesThrottled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		scope channels.SendScope
		cat   []string // what another conversation of the channel gets meanwhile
	}{
		{"address", channels.ScopeAddress, []string{"third"}},
		{"nothing said", "", []string{"third"}},
		{"channel", channels.ScopeChannel, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{answer: failing(1, throttled(time.Hour, c.scope))}, service.Config{Agent: parrot()})
				s.post(t, "chat", "ann", "one", "two")
				s.post(t, "mail", "ann", "other channel")
				s.post(t, "chat", "cat", "third")
				pass(time.Hour - time.Second)
				if diff := cmp.Diff([]string{"other channel"}, s.taken("mail", "ann")); diff != "" {
					t.Errorf("the other channel (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.cat, s.taken("chat", "cat")); diff != "" {
					t.Errorf("the other conversation (-want +got):\n%s", diff)
				}
				if n := len(s.tried()); n != 1 {
					t.Errorf("%d attempts within the hour", n)
				}
				pass(2 * time.Second)
				if diff := cmp.Diff([]string{"one", "two"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"third"}, s.taken("chat", "cat")); diff != "" {
					t.Errorf("the other conversation (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Of two pauses that a platform asks for, the one that ends last holds.
func TestLanesLongerPauseHolds(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"one", "two"} {
		t.Run(first+" first", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pauses := map[string]time.Duration{private + "one": time.Minute, private + "two": time.Hour}
				s := perform(t, &platform{answer: func(_ context.Context, p channels.Part, n int) error {
					pause := pauses[p.Reply.Text]
					if n > 1 || pause == 0 {
						return nil
					}
					time.Sleep(time.Second)
					if p.Reply.Text != private+first {
						time.Sleep(time.Second)
					}
					return throttled(pause, channels.ScopeChannel)
				}}, service.Config{Agent: parrot()})
				s.post(t, "chat", "ann", "one") // both are on their way at once
				s.post(t, "chat", "bob", "two")
				pass(30 * time.Minute)
				s.post(t, "chat", "cat", "three")
				if len(s.all()) != 2 {
					t.Errorf("%d calls within the hour, want the first 2", len(s.all()))
				}
				pass(31 * time.Minute)
				for sender, text := range map[string]string{"ann": "one", "bob": "two", "cat": "three"} {
					if diff := cmp.Diff([]string{text}, s.taken("chat", sender)); diff != "" {
						t.Errorf("taken from %s (-want +got):\n%s", sender, diff)
					}
				}
			})
		})
	}
}

// The pause of the channel is what the platform says, however often the part failed
// before.
func TestLanesPauseIsThePlatforms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var refused atomic.Bool
		s := perform(t, &platform{answer: func(_ context.Context, p channels.Part, n int) error {
			switch {
			case p.Sender != "ann":
				return nil
			case n <= 8:
				return class(channels.SendUnavailable)
			case n == 9:
				refused.Store(true)
				return throttled(2*time.Second, channels.ScopeChannel)
			}
			return nil
		}}, service.Config{Agent: parrot()})
		s.post(t, "chat", "ann", "one")
		for !refused.Load() {
			pass(time.Second / 2)
		}
		s.post(t, "chat", "bob", "two")
		pass(2 * time.Second)
		if diff := cmp.Diff([]string{"two"}, s.taken("chat", "bob")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// A channel whose credentials are not accepted tries once a minute. No part of it is
// given up for that, and when it is accepted again all leave in order.
func TestLanesUnauthorized(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opens := time.Now().Add(5*time.Hour + 30*time.Second)
		s := perform(t, &platform{answer: func(_ context.Context, p channels.Part, _ int) error {
			if p.Channel == "chat" && time.Now().Before(opens) {
				return class(channels.SendUnauthorized)
			}
			return nil
		}}, service.Config{Agent: parrot()})
		var want []string
		for i := range 5 {
			want = append(want, strconv.Itoa(i))
		}
		s.post(t, "chat", "ann", want...)
		s.post(t, "mail", "ann", want...)
		s.post(t, "chat", "bob", want...)
		if diff := cmp.Diff(want, s.taken("mail", "ann")); diff != "" {
			t.Errorf("the other channel (-want +got):\n%s", diff)
		}
		pass(5 * time.Hour)
		if n := len(s.all()) - len(want); n < 299 || n > 303 {
			t.Errorf("%d attempts in 5 h, want one a minute", n)
		}
		pass(2 * time.Minute)
		for _, sender := range []string{"ann", "bob"} {
			if diff := cmp.Diff(want, s.taken("chat", sender)); diff != "" {
				t.Errorf("taken from %s (-want +got):\n%s", sender, diff)
			}
		}
		if dead := s.dead(t); dead != nil {
			t.Errorf("dead letters: %v", dead)
		}
	})
}
