package service_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// paced is a type whose channels send to p and have limits.
func paced(p *platform, l channels.Limits) channels.Type {
	return channels.Type{Name: "paced", New: func() channels.Config { return &pacedConfig{platformConfig{p}, l} }}
}

type pacedConfig struct {
	platformConfig
	limits channels.Limits
}

func (c *pacedConfig) Open(env channels.Env) (channels.Channel, error) {
	return &pacedChannel{&platformChannel{c.p, env.Name}, c.limits}, nil
}

type pacedChannel struct {
	*platformChannel
	limits channels.Limits
}

func (c *pacedChannel) Limits() channels.Limits { return c.limits }

// pace raises a stage whose channel chat has limits and mail has none. Settled counts
// how often a part was settled.
func pace(t *testing.T, p *platform, l channels.Limits) (s *stage, settled *atomic.Int64) {
	t.Helper()
	settled = &atomic.Int64{}
	f := newFaulty()
	f.settlePart = func() error { settled.Add(1); return nil }
	s = perform(t, p, service.Config{
		Agent: parrot(), Journal: f,
		Channels: instances(t, "chat: {type: paced}\nmail: {type: platform}\n", paced(p, l), p.typ()),
	})
	return s, settled
}

// times returns when the calls on chat were made, counted from the first.
func (p *platform) times() (at []time.Duration) {
	calls := slices.DeleteFunc(p.all(), func(c sending) bool { return c.part.Channel != "chat" })
	for _, c := range calls {
		at = append(at, c.at.Sub(calls[0].at))
	}
	return at
}

// crowd posts a message of each of some senders, as often as told, and returns what
// each is to get.
func (s *stage) crowd(t *testing.T, channel string, senders, each int) (want []string) {
	t.Helper()
	for i := range each {
		want = append(want, strconv.Itoa(i))
		for n := range senders {
			if err := s.inbox(t, channel).Post(t.Context(), note(fmt.Sprint("sender ", n), want[i])); err != nil {
				t.Error(err)
			}
		}
	}
	synctest.Wait()
	return want
}

// wantTaken checks what a number of senders got.
func (s *stage) wantTaken(t *testing.T, channel string, senders int, want []string) {
	t.Helper()
	for n := range senders {
		if diff := gocmp.Diff(want, s.taken(channel, fmt.Sprint("sender ", n))); diff != "" {
			t.Errorf("taken from sender %d (-want +got):\n%s", n, diff)
		}
	}
}

// wantRate checks that each stretch of the rate's time has at most its count and burst,
// and that all took no longer than it must, give or take.
func wantRate(t *testing.T, at []time.Duration, r channels.Rate, give time.Duration) {
	t.Helper()
	slices.Sort(at)
	most := r.Count + cmp.Or(r.Burst, 1)
	for i := range at {
		if j := i + most; j < len(at) && at[j]-at[i] < r.Per {
			t.Fatalf("calls %d to %d within %v, more than %v", i, j, at[j]-at[i], r)
		}
	}
	if must := time.Duration(len(at)) * r.Every(); at[len(at)-1] > must+give {
		t.Errorf("%d calls took %v, want about %v", len(at), at[len(at)-1], must)
	}
}

// wantSettled checks that parts were given back about once each, at most.
func wantSettled(t *testing.T, settled *atomic.Int64, parts int) {
	t.Helper()
	if n := int(settled.Load()); n > 2*parts+parts/20 {
		t.Errorf("parts were settled %d times, for %d parts", n, parts)
	}
}

// The parts to one address leave evenly, in order; others do not wait for them.
func TestRatesOfAnAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, settled := pace(t, &platform{}, channels.Limits{Address: channels.Rate{Count: 1, Per: time.Second}})
		want := s.crowd(t, "chat", 1, 100)
		s.post(t, "chat", "bob", "other address")
		s.post(t, "mail", "ann", "other channel")
		if len(s.taken("chat", "bob")) != 1 || len(s.taken("mail", "ann")) != 1 {
			t.Error("others wait")
		}
		pass(2 * time.Minute)
		s.wantTaken(t, "chat", 1, want)
		var last time.Time
		for i, c := range s.all() {
			if c.part.Sender != "sender 0" {
				continue
			}
			if i > 0 && c.at.Sub(last) != time.Second && !last.IsZero() {
				t.Errorf("part %s left %v after the one before, want 1s", c.part.Reply.Text, c.at.Sub(last))
			}
			last = c.at
		}
		wantSettled(t, settled, 102)
		s.counts(t, `deliveries_total{channel="chat",class="sent"} 101`)
	})
}

// Several senders may have one address: its rate is kept for all of them.
func TestRatesOfASharedAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := channels.Rate{Count: 20, Per: time.Minute, Burst: 4}
		s, settled := pace(t, &platform{}, channels.Limits{Address: rate})
		for n := range 60 {
			m := note(fmt.Sprint("sender ", n%20), strconv.Itoa(n/20))
			m.Address = "the room"
			if err := s.inbox(t, "chat").Post(t.Context(), m); err != nil {
				t.Error(err)
			}
		}
		pass(4 * time.Minute)
		s.wantTaken(t, "chat", 20, []string{"0", "1", "2"})
		wantRate(t, s.times(), rate, rate.Per/10)
		if at := s.times(); at[3] != 0 || at[4] == 0 {
			t.Errorf("calls at %v, want 4 at once", at[:5])
		}
		wantSettled(t, settled, 60)
	})
}

// All parts of a channel keep its rate; those of another leave at once.
func TestRatesOfAChannel(t *testing.T) {
	t.Parallel()
	for _, rate := range []channels.Rate{
		{Count: 30, Per: time.Second},
		{Count: 30, Per: time.Second, Burst: 30},
		{Count: 1000, Per: time.Second},
		{Count: 20, Per: time.Minute},
	} {
		t.Run(rate.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, settled := pace(t, &platform{}, channels.Limits{Channel: rate})
				want := s.crowd(t, "chat", 400, 2)
				other := s.crowd(t, "mail", 300, 1)
				s.wantTaken(t, "mail", 300, other)
				pass(900 * rate.Every())
				s.wantTaken(t, "chat", 400, want)
				wantRate(t, s.times(), rate, rate.Per/10)
				wantSettled(t, settled, 800+300)
			})
		})
	}
}

// Where both rates bind, both are kept.
func TestRatesOfBoth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := channels.Limits{
			Channel: channels.Rate{Count: 10, Per: time.Second}, Address: channels.Rate{Count: 1, Per: time.Second},
		}
		s, settled := pace(t, &platform{}, l)
		want := s.crowd(t, "chat", 12, 20)
		pass(time.Minute)
		s.wantTaken(t, "chat", 12, want)
		wantRate(t, s.times(), l.Channel, time.Second)
		for n := range 12 {
			var at []time.Duration
			for _, c := range s.all() {
				if c.part.Sender == fmt.Sprint("sender ", n) {
					at = append(at, c.at.Sub(s.all()[0].at))
				}
			}
			for i := 1; i < len(at); i++ {
				if at[i]-at[i-1] < time.Second {
					t.Errorf("sender %d: parts left at %v and %v", n, at[i-1], at[i])
				}
			}
		}
		wantSettled(t, settled, 240)
	})
}

// What the platform says beats the rate, which is kept when the pause is over too, and
// by attempts that fail.
func TestRatesAndRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		p := &platform{answer: func(context.Context, channels.Part, int) error {
			switch n := calls.Add(1); {
			case n == 10:
				return throttled(time.Minute, channels.ScopeChannel)
			case n%20 == 0:
				return throttled(time.Second, channels.ScopeAddress)
			}
			return nil
		}}
		rate := channels.Rate{Count: 5, Per: time.Second}
		s, settled := pace(t, p, channels.Limits{Channel: rate})
		want := s.crowd(t, "chat", 100, 1)
		pass(10 * time.Second)
		if n := calls.Load(); n != 10 {
			t.Errorf("%d calls, want none after the tenth", n)
		}
		pass(2 * time.Minute)
		s.wantTaken(t, "chat", 100, want)
		at := s.times()
		if pause := at[10] - at[9]; pause < time.Minute {
			t.Errorf("the pause was %v", pause)
		}
		after := slices.Clone(at[10:])
		for i := range after {
			after[i] -= at[10]
		}
		wantRate(t, after, rate, 5*time.Second) // the last to fail comes again when all others are gone
		if n := settled.Load(); n > 320 {       // those that were due during the pause are given back once more
			t.Errorf("parts were settled %d times, for 100 parts", n)
		}
	})
}

// A service that ends does not wait for the parts that are over the rate, and the next
// one sends them.
func TestRatesAndRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, open := &platform{}, reopenings()[0].open(t)
		config := func() service.Config {
			rate := channels.Rate{Count: 1, Per: time.Minute}
			return service.Config{
				Agent: parrot(), Journal: open(),
				Channels: instances(t, "chat: {type: paced}\n", paced(p, channels.Limits{Channel: rate})),
			}
		}
		s := perform(t, p, config())
		want := s.crowd(t, "chat", 5, 1)
		if took := s.stop(t); took > 0 {
			t.Errorf("the end took %v", took)
		}
		s = perform(t, p, config())
		pass(10 * time.Minute)
		s.wantTaken(t, "chat", 5, want)
	})
}

var _ channels.Limited = (*pacedChannel)(nil)
