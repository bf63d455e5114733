package delivery_test

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
	"github.com/manyvox/manyvox/service/servicetest"
)

// A platform that asks for a pause gets it: from the whole channel or from the
// conversation, as it asks, and from no other.
func TestBreakerThrottled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		scope channels.SendScope
		cat   []string // what another conversation of the channel gets during the pause
	}{
		{"address", channels.ScopeAddress, []string{"third"}},
		{"no scope", "", []string{"third"}},
		{"channel", channels.ScopeChannel, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: servicetest.FailSends(1, servicetest.Throttled(time.Hour, c.scope))}, service.Config{Agent: servicetest.Echo()})
				s.Post(t, "chat", "ann", "one", "two")
				s.Post(t, "mail", "ann", "other channel")
				s.Post(t, "chat", "cat", "third")
				servicetest.Advance(time.Hour - time.Second)
				if diff := cmp.Diff([]string{"other channel"}, s.Accepted("mail", "ann")); diff != "" {
					t.Errorf("the other channel (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.cat, s.Accepted("chat", "cat")); diff != "" {
					t.Errorf("the other conversation (-want +got):\n%s", diff)
				}
				if n := len(s.Attempts()); n != 1 {
					t.Errorf("%d attempts within the hour", n)
				}
				servicetest.Advance(2 * time.Second)
				if diff := cmp.Diff([]string{"one", "two"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"third"}, s.Accepted("chat", "cat")); diff != "" {
					t.Errorf("the other conversation (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Of two pauses that a platform asks for, the one that ends later counts.
func TestBreakerLongerPauseHolds(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"one", "two"} {
		t.Run(first+" first", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pauses := map[string]time.Duration{servicetest.Private + "one": time.Minute, servicetest.Private + "two": time.Hour}
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, n int) error {
					pause := pauses[p.Reply.Text]
					if n > 1 || pause == 0 {
						return nil
					}
					time.Sleep(time.Second)
					if p.Reply.Text != servicetest.Private+first {
						time.Sleep(time.Second)
					}
					return servicetest.Throttled(pause, channels.ScopeChannel)
				}}, service.Config{Agent: servicetest.Echo()})
				s.Post(t, "chat", "ann", "one") // both are being sent at once
				s.Post(t, "chat", "bob", "two")
				servicetest.Advance(30 * time.Minute)
				s.Post(t, "chat", "cat", "three")
				if len(s.Calls()) != 2 {
					t.Errorf("%d calls within the hour, want the first 2", len(s.Calls()))
				}
				servicetest.Advance(31 * time.Minute)
				for sender, text := range map[string]string{"ann": "one", "bob": "two", "cat": "three"} {
					if diff := cmp.Diff([]string{text}, s.Accepted("chat", sender)); diff != "" {
						t.Errorf("taken from %s (-want +got):\n%s", sender, diff)
					}
				}
			})
		})
	}
}

// The pause of the channel is the one that the platform asks for, however often the part
// failed before.
func TestBreakerPauseIsThePlatforms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var refused atomic.Bool
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, n int) error {
			switch {
			case p.Sender != "ann":
				return nil
			case n <= 8:
				return servicetest.SendFailure(channels.SendUnavailable)
			case n == 9:
				refused.Store(true)
				return servicetest.Throttled(2*time.Second, channels.ScopeChannel)
			}
			return nil
		}}, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		for !refused.Load() {
			servicetest.Advance(time.Second / 2)
		}
		s.Post(t, "chat", "bob", "two")
		servicetest.Advance(2 * time.Second)
		if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "bob")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// A channel whose credentials are refused tries once a minute. No part is given up in
// that time, and once the credentials are accepted all parts leave in order.
func TestBreakerUnauthorized(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opens := time.Now().Add(5*time.Hour + 30*time.Second)
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, _ int) error {
			if p.Channel == "chat" && time.Now().Before(opens) {
				return servicetest.SendFailure(channels.SendUnauthorized)
			}
			return nil
		}}, service.Config{Agent: servicetest.Echo()})
		var want []string
		for i := range 5 {
			want = append(want, strconv.Itoa(i))
		}
		s.Post(t, "chat", "ann", want...)
		s.Post(t, "mail", "ann", want...)
		s.Post(t, "chat", "bob", want...)
		if diff := cmp.Diff(want, s.Accepted("mail", "ann")); diff != "" {
			t.Errorf("the other channel (-want +got):\n%s", diff)
		}
		servicetest.Advance(5 * time.Hour)
		if n := len(s.Calls()) - len(want); n < 299 || n > 303 {
			t.Errorf("%d attempts in 5 h, want one a minute", n)
		}
		servicetest.Advance(2 * time.Minute)
		for _, sender := range []string{"ann", "bob"} {
			if diff := cmp.Diff(want, s.Accepted("chat", sender)); diff != "" {
				t.Errorf("taken from %s (-want +got):\n%s", sender, diff)
			}
		}
		if dead := s.DeadLetters(t); dead != nil {
			t.Errorf("dead letters: %v", dead)
		}
	})
}
