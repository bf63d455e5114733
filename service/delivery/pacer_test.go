package delivery_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// paced is a type whose channels send to p and have limits.
func paced(p *servicetest.FakePlatform, l channels.Limits) channels.Type {
	return channels.Type{Name: "paced", New: func() channels.Config { return &pacedConfig{p, l} }}
}

type pacedConfig struct {
	platform *servicetest.FakePlatform
	limits   channels.Limits
}

func (*pacedConfig) Validate() error { return nil }

func (c *pacedConfig) Open(env channels.Env) (channels.Channel, error) {
	return &pacedChannel{c.platform.Channel(env.Name), c.limits}, nil
}

type pacedChannel struct {
	*servicetest.FakeChannel
	limits channels.Limits
}

func (c *pacedChannel) Limits() channels.Limits { return c.limits }

// sharedJournal is a journal that several programs share.
type sharedJournal struct {
	*servicetest.FaultyJournal
	programs atomic.Int64
}

func (j *sharedJournal) Programs() int { return int(j.programs.Load()) }

// newPaced returns a harness whose channel chat has limits and whose channel mail has
// none. Settled counts how often a part was settled.
func newPaced(t *testing.T, p *servicetest.FakePlatform, l channels.Limits) (s *servicetest.Harness, settled *atomic.Int64) {
	t.Helper()
	settled = &atomic.Int64{}
	f := servicetest.NewFaultyJournal()
	f.OnSettlePart = func() error { settled.Add(1); return nil }
	s = servicetest.NewHarness(t, p, service.Config{
		Agent: servicetest.Echo(), Journal: f,
		Channels: servicetest.Channels(t, "chat: {type: paced}\nmail: {type: platform}\n", paced(p, l), p.Type()),
	})
	return s, settled
}

// sendTimes returns when the calls on chat were made, counted from the first.
func sendTimes(p *servicetest.FakePlatform) (at []time.Duration) {
	calls := slices.DeleteFunc(p.Calls(), func(c servicetest.Call) bool { return c.Part.Channel != "chat" })
	for _, c := range calls {
		at = append(at, c.At.Sub(calls[0].At))
	}
	return at
}

// postMany posts messages of several senders, each of them each messages. It returns
// the texts that each must get.
func postMany(t *testing.T, s *servicetest.Harness, channel string, senders, each int) (want []string) {
	t.Helper()
	for i := range each {
		want = append(want, strconv.Itoa(i))
		for n := range senders {
			if err := s.Inbox(t, channel).Post(t.Context(), servicetest.NewMessage(fmt.Sprint("sender ", n), want[i])); err != nil {
				t.Error(err)
			}
		}
	}
	synctest.Wait()
	return want
}

// checkAccepted checks what each of several senders got.
func checkAccepted(t *testing.T, s *servicetest.Harness, channel string, senders int, want []string) {
	t.Helper()
	for n := range senders {
		if diff := gocmp.Diff(want, s.Accepted(channel, fmt.Sprint("sender ", n))); diff != "" {
			t.Errorf("taken from sender %d (-want +got):\n%s", n, diff)
		}
	}
}

// checkRate checks that any period of the rate has at most its count and burst of calls,
// and that all calls together took no longer than the rate demands, give or take.
func checkRate(t *testing.T, at []time.Duration, r channels.Rate, give time.Duration) {
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

// checkSettled checks that each part was given back about once, at most.
func checkSettled(t *testing.T, settled *atomic.Int64, parts int) {
	t.Helper()
	if n := int(settled.Load()); n > 2*parts+parts/20 {
		t.Errorf("parts were settled %d times, for %d parts", n, parts)
	}
}

// Of several programs each takes its share of both rates, and all of them when the others
// are gone.
func TestPacerSharesTheRates(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]channels.Limits{
		"channel": {Channel: channels.Rate{Count: 1, Per: time.Second}},
		"key":     {Key: channels.Rate{Count: 1, Per: time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, j := &servicetest.FakePlatform{}, &sharedJournal{FaultyJournal: servicetest.NewFaultyJournal()}
				j.programs.Store(4)
				s := servicetest.NewHarness(t, p, service.Config{
					Agent: servicetest.Echo(), Journal: j, Channels: servicetest.Channels(t, "chat: {type: paced}\n", paced(p, limits)),
				})
				postMany(t, s, "chat", 1, 10)
				time.Sleep(38 * time.Second)
				synctest.Wait()
				checkRate(t, sendTimes(p), channels.Rate{Count: 1, Per: 4 * time.Second}, 0)
				j.programs.Store(1)
				before := len(p.Calls())
				began := sendTimes(p)[before-1]
				s.Post(t, "chat", "bob", strings.Fields("a b c d e f g h i j")...)
				time.Sleep(15 * time.Second)
				synctest.Wait()
				at := sendTimes(p)[before:]
				for i := range at {
					at[i] -= began
				}
				checkRate(t, at, channels.Rate{Count: 1, Per: time.Second}, 4*time.Second)
			})
		})
	}
}

// The parts to one address leave at even intervals, in order. Others do not wait.
func TestPacerOfAnAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, settled := newPaced(t, &servicetest.FakePlatform{}, channels.Limits{Key: channels.Rate{Count: 1, Per: time.Second}})
		want := postMany(t, s, "chat", 1, 100)
		s.Post(t, "chat", "bob", "other address")
		s.Post(t, "mail", "ann", "other channel")
		if len(s.Accepted("chat", "bob")) != 1 || len(s.Accepted("mail", "ann")) != 1 {
			t.Error("others wait")
		}
		servicetest.Advance(2 * time.Minute)
		checkAccepted(t, s, "chat", 1, want)
		var last time.Time
		for i, c := range s.Calls() {
			if c.Part.Sender != "sender 0" {
				continue
			}
			if i > 0 && c.At.Sub(last) != time.Second && !last.IsZero() {
				t.Errorf("part %s left %v after the one before, want 1s", c.Part.Reply.Text, c.At.Sub(last))
			}
			last = c.At
		}
		checkSettled(t, settled, 102)
		s.CheckMetrics(t, `deliveries_total{channel="chat",class="sent"} 101`)
	})
}

// Several senders may share an address: its rate holds for all of them together.
func TestPacerOfASharedAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := channels.Rate{Count: 20, Per: time.Minute, Burst: 4}
		s, settled := newPaced(t, &servicetest.FakePlatform{}, channels.Limits{Key: rate})
		for n := range 60 {
			m := servicetest.NewMessage(fmt.Sprint("sender ", n%20), strconv.Itoa(n/20))
			m.Address = "the room"
			if err := s.Inbox(t, "chat").Post(t.Context(), m); err != nil {
				t.Error(err)
			}
		}
		servicetest.Advance(4 * time.Minute)
		checkAccepted(t, s, "chat", 20, []string{"0", "1", "2"})
		checkRate(t, sendTimes(s.FakePlatform), rate, rate.Per/10)
		if at := sendTimes(s.FakePlatform); at[3] != 0 || at[4] == 0 {
			t.Errorf("calls at %v, want 4 at once", at[:5])
		}
		checkSettled(t, settled, 60)
	})
}

// The rate of a channel holds for all its parts. Those of another channel leave at once.
func TestPacerOfAChannel(t *testing.T) {
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
				s, settled := newPaced(t, &servicetest.FakePlatform{}, channels.Limits{Channel: rate})
				want := postMany(t, s, "chat", 400, 2)
				other := postMany(t, s, "mail", 300, 1)
				checkAccepted(t, s, "mail", 300, other)
				servicetest.Advance(900 * rate.Every())
				checkAccepted(t, s, "chat", 400, want)
				checkRate(t, sendTimes(s.FakePlatform), rate, rate.Per/10)
				checkSettled(t, settled, 800+300)
			})
		})
	}
}

// With a rate of the channel and one of the address, both hold.
func TestPacerOfBoth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := channels.Limits{
			Channel: channels.Rate{Count: 10, Per: time.Second}, Key: channels.Rate{Count: 1, Per: time.Second},
		}
		s, settled := newPaced(t, &servicetest.FakePlatform{}, l)
		want := postMany(t, s, "chat", 12, 20)
		servicetest.Advance(time.Minute)
		checkAccepted(t, s, "chat", 12, want)
		checkRate(t, sendTimes(s.FakePlatform), l.Channel, time.Second)
		for n := range 12 {
			var at []time.Duration
			for _, c := range s.Calls() {
				if c.Part.Sender == fmt.Sprint("sender ", n) {
					at = append(at, c.At.Sub(s.Calls()[0].At))
				}
			}
			for i := 1; i < len(at); i++ {
				if at[i]-at[i-1] < time.Second {
					t.Errorf("sender %d: parts left at %v and %v", n, at[i-1], at[i])
				}
			}
		}
		checkSettled(t, settled, 240)
	})
}

// A pause that the platform asks for comes before the rate. The rate holds again after
// the pause, and it counts attempts that fail.
func TestPacerAndRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		p := &servicetest.FakePlatform{OnSend: func(context.Context, channels.Part, int) error {
			switch n := calls.Add(1); {
			case n == 10:
				return servicetest.Throttled(time.Minute, channels.ScopeChannel)
			case n%20 == 0:
				return servicetest.Throttled(time.Second, channels.ScopeAddress)
			}
			return nil
		}}
		rate := channels.Rate{Count: 5, Per: time.Second}
		s, settled := newPaced(t, p, channels.Limits{Channel: rate})
		want := postMany(t, s, "chat", 100, 1)
		servicetest.Advance(10 * time.Second)
		if n := calls.Load(); n != 10 {
			t.Errorf("%d calls, want none after the tenth", n)
		}
		servicetest.Advance(2 * time.Minute)
		checkAccepted(t, s, "chat", 100, want)
		at := sendTimes(s.FakePlatform)
		if pause := at[10] - at[9]; pause < time.Minute {
			t.Errorf("the pause was %v", pause)
		}
		after := slices.Clone(at[10:])
		for i := range after {
			after[i] -= at[10]
		}
		checkRate(t, after, rate, 5*time.Second) // the last to fail comes again when all others are gone
		if n := settled.Load(); n > 320 {        // those that were due during the pause are given back once more
			t.Errorf("parts were settled %d times, for 100 parts", n)
		}
	})
}

// A service that shuts down does not wait for parts that the rate holds back. The next
// service sends them.
func TestPacerAndRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, j := &servicetest.FakePlatform{}, servicetest.KeepOpen(memory.Open())
		config := func() service.Config {
			rate := channels.Rate{Count: 1, Per: time.Minute}
			return service.Config{
				Agent: servicetest.Echo(), Journal: j,
				Channels: servicetest.Channels(t, "chat: {type: paced}\n", paced(p, channels.Limits{Channel: rate})),
			}
		}
		s := servicetest.NewHarness(t, p, config())
		want := postMany(t, s, "chat", 5, 1)
		if took := s.Stop(t); took > 0 {
			t.Errorf("the end took %v", took)
		}
		s = servicetest.NewHarness(t, p, config())
		servicetest.Advance(10 * time.Minute)
		checkAccepted(t, s, "chat", 5, want)
	})
}

var _ channels.Limited = (*pacedChannel)(nil)
