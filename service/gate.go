package service

import (
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// gate is what a channel's block of credentials.yml says of its senders: who may write
// (allow), and how much (rate).
type gate struct {
	channel string
	allow   map[string]bool // nil lets everybody write
	rate    channels.Rate

	mu      sync.Mutex
	senders *buckets // nil without a rate
}

func newGate(in *Instance) *gate {
	g := &gate{channel: in.Name, rate: in.Rate}
	g.rate.Burst = g.rate.Count // people write several messages at once, and then none
	g.senders = newBuckets(g.rate)
	if in.Allow == nil {
		return g
	}
	g.allow = map[string]bool{}
	for _, sender := range in.Allow {
		g.allow[sender] = true
	}
	return g
}

// admit refuses a sender that is not on the list. The error does not name it, since
// errors are logged.
func (g *gate) admit(m *channels.Message) error {
	if g.allow == nil || g.allow[m.Sender] {
		return nil
	}
	return channels.Errorf(channels.CodePermissionDenied, "channel %s: this sender may not write here", g.channel)
}

// pace counts one message of each sender against the rate: all of them, or none when
// one sender has written too much.
func (g *gate) pace(senders ...string) error {
	if g.senders == nil {
		return nil
	}
	messages := map[string]int{}
	for _, sender := range senders {
		messages[sender]++
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for sender, n := range messages {
		if wait := g.wait(sender, n, now); wait > 0 {
			return &channels.Error{
				Code: channels.CodeOverloaded, RetryAfter: wait,
				Message: "channel " + g.channel + ": this sender has written more than " + g.rate.String(),
			}
		}
	}
	for _, sender := range senders {
		g.senders.of(sender, now).take(now)
	}
	return nil
}

// wait returns how long a sender must wait before n messages. More than the rate ever
// lets through pass together after a rest, since the platform would send them together
// for ever; a longer rest must follow.
func (g *gate) wait(sender string, n int, now time.Time) time.Duration {
	return g.senders.of(sender, now).wait(min(n, g.rate.Count), now)
}
