package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

// One part that is refused holds back its own conversation, and no other. When the
// platform has accepted others since, it is refused for its own sake: a dead letter.
func TestOneRefusedPartDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, _ int) error {
			if p.Sender == "ann" && strings.HasSuffix(p.Reply.Text, "one") {
				return servicetest.SendFailure(channels.SendUnauthorized)
			}
			return nil
		}}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one", "two")
		for i := range 200 {
			s.Post(t, "chat", fmt.Sprint("honest", i), "hello")
		}
		servicetest.Advance(0)
		for i := range 200 {
			if got := s.Accepted("chat", fmt.Sprint("honest", i)); len(got) != 1 {
				t.Fatalf("honest%d got %q at once", i, got)
			}
		}
		if holds := s.Holds(); holds != nil {
			t.Errorf("held back: %+v", holds)
		}
		servicetest.Advance(time.Minute)
		if diff := cmp.Diff([]string{"undelivered one"}, s.DeadLetters(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("accepted from ann (-want +got):\n%s", diff)
		}
	})
}

// A probe is a part of a conversation that was not refused, where there is one: two bad
// conversations do not keep the breaker open.
func TestBreakerProbesWithAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := []string{"ann", "bob"}
		p := &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, _ int) error {
			if slices.Contains(bad, p.Sender) {
				return servicetest.SendFailure(channels.SendUnauthorized)
			}
			return nil
		}}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		s.Post(t, "chat", "bob", "one")
		s.Post(t, "chat", "cat", "one")
		holds := s.Holds()
		if len(holds) != 1 || holds[0].Channel != "chat" || holds[0].State != instance.HoldOpen || holds[0].Reason != "unauthorized" ||
			time.Until(holds[0].Until) != time.Minute {
			t.Errorf("held back: %+v", holds)
		}
		servicetest.Advance(time.Minute + time.Second)
		if diff := cmp.Diff([]string{"one"}, s.Accepted("chat", "cat")); diff != "" {
			t.Errorf("accepted from cat (-want +got):\n%s", diff)
		}
		if holds := s.Holds(); holds != nil {
			t.Errorf("still held back: %+v", holds)
		}
	})
}

// A platform that hangs takes no slot of another: its 600 conversations delay no reply of
// the other channel, nor do they when their calls never return.
func TestHungChannelDelaysNoOther(t *testing.T) {
	t.Parallel()
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("ignores its context %v", deaf), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				p := &servicetest.FakePlatform{AllowOverlap: deaf, OnSend: func(ctx context.Context, p channels.Part, _ int) error {
					if p.Channel != "chat" {
						return nil
					}
					if deaf {
						<-release
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}}
				s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
				for i := range 600 {
					s.Post(t, "chat", fmt.Sprint(i), "hello")
				}
				for range 3 {
					began := time.Now()
					s.Post(t, "mail", "ann", "hello")
					if got := s.Accepted("mail", "ann"); len(got) == 0 || time.Since(began) > 0 {
						t.Errorf("accepted from the other channel: %q after %v", got, time.Since(began))
					}
					if n := len(s.Calls()) - len(s.Accepted("mail", "ann")); n > channels.DefaultConcurrent && deaf {
						t.Errorf("%d calls of the hung channel", n)
					}
					servicetest.Advance(2 * time.Minute)
				}
				if deaf {
					s.CheckMetrics(t, `sends_left_behind{channel="chat"} 32`)
				}
				close(release)
				servicetest.Advance(time.Minute)
				if deaf {
					s.CheckMetrics(t, `sends_left_behind{channel="chat"} 0`)
				}
			})
		})
	}
}

// A Send that ignores its context does not hold its conversation, nor the end of the
// program. What became of its part is not known, so it is sent again.
func TestSendLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p := &servicetest.FakePlatform{AllowOverlap: true, OnSend: func(_ context.Context, p channels.Part, n int) error {
			if p.Sender == "ann" && n == 1 {
				<-release
			}
			return nil
		}}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute + 4*time.Second)
		if n := len(s.Calls()); n != 1 {
			t.Errorf("%d calls too early", n)
		}
		servicetest.Advance(5 * time.Second)
		if diff := cmp.Diff([]string{"one"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("accepted (-want +got):\n%s", diff)
		}
		if log := s.Log.String(); strings.Count(log, "left behind") != 1 {
			t.Errorf("the log: %s", log)
		}
		s.Shutdown()
		if err := <-s.Served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		close(release)
	})
}

// A pause that the platform asks for an address is kept by every conversation with the
// same address.
func TestPauseOfASharedAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, n int) error {
			if p.Sender == "ann" && n == 1 {
				return servicetest.Throttled(24*time.Hour, channels.ScopeAddress)
			}
			return nil
		}}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
		post := func(sender, address string) {
			t.Helper()
			m := servicetest.NewMessage(sender, "hello")
			m.Address = address
			if err := s.Inbox(t, "chat").Post(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		post("ann", "room")
		post("bob", "room")
		post("cat", "elsewhere")
		if n := len(s.Calls()); n != 2 || len(s.Accepted("chat", "cat")) != 1 {
			t.Errorf("%d calls, %q accepted from elsewhere", n, s.Accepted("chat", "cat"))
		}
		holds := s.Holds()
		if len(holds) != 1 || holds[0].Key != "room" || holds[0].State != instance.HoldPaused || time.Until(holds[0].Until) != time.Hour {
			t.Errorf("held back: %+v", holds) // a day is not waited for
		}
		servicetest.Advance(time.Hour)
		if len(s.Accepted("chat", "ann")) != 1 || len(s.Accepted("chat", "bob")) != 1 {
			t.Errorf("after the pause: %d calls", len(s.Calls()))
		}
	})
}

// An operator ends a pause, and opens a breaker, by hand.
func TestResume(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		senders []string
	}{
		"paused":  {servicetest.Throttled(time.Hour, channels.ScopeChannel), []string{"ann"}},
		"blocked": {servicetest.Throttled(time.Hour, channels.ScopeAddress), []string{"ann"}},
		"open":    {servicetest.SendFailure(channels.SendUnauthorized), []string{"ann", "bob"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: servicetest.FailSends(1, c.err)}, service.Config{Agent: servicetest.Echo()})
				for _, sender := range c.senders {
					s.Post(t, "chat", sender, "one")
				}
				if s.Resume("mail") || s.Resume("none") || !s.Resume("chat") || s.Resume("chat") || s.Holds() != nil {
					t.Errorf("held back: %+v", s.Holds())
				}
				s.Post(t, "chat", "cat", "two")
				if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "cat")); diff != "" && name != "blocked" {
					t.Errorf("accepted (-want +got):\n%s", diff)
				}
			})
		})
	}
}
