package instance

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/ratelimit"
)

// SenderPolicy is what a channel's block of credentials.yml says of its senders: who
// may write (allow), and how much (rate).
type SenderPolicy struct {
	channel string
	allow   map[string]bool // nil lets everybody write
	rate    channels.Rate

	// aliases says that senders of the channel may have several ids.
	aliases atomic.Bool

	mu      sync.Mutex
	buckets *ratelimit.Buckets // by sender; nil without a rate
}

func newSenderPolicy(c *Config) *SenderPolicy {
	p := &SenderPolicy{channel: c.Name, rate: c.Rate}
	p.rate.Burst = p.rate.Count // people write several messages at once, and then none
	p.buckets = ratelimit.NewBuckets(p.rate)
	if c.Allow == nil {
		return p
	}
	p.allow = map[string]bool{}
	for _, sender := range c.Allow {
		p.allow[sender] = true
	}
	return p
}

// Admit refuses a sender that is not on the list. The error does not name it, since
// errors are logged.
func (p *SenderPolicy) Admit(sender string) error {
	if p.allow == nil || p.allow[sender] {
		return nil
	}
	return channels.Errorf(channels.CodePermissionDenied, "channel %s: this sender may not write here", p.channel)
}

// NoteAliases notes that senders of the channel may have several ids.
func (p *SenderPolicy) NoteAliases() { p.aliases.Store(true) }

// HaveAliases reports whether a sender that is not on the list may be there under another id.
func (p *SenderPolicy) HaveAliases() bool { return p.allow != nil && p.aliases.Load() }

// Pace counts one message of each sender against the rate: all of them, or none when
// one sender has written too much.
func (p *SenderPolicy) Pace(senders ...string) error {
	if p.buckets == nil {
		return nil
	}
	messages := map[string]int{}
	for _, sender := range senders {
		messages[sender]++
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for sender, n := range messages {
		if wait := p.wait(sender, n, now); wait > 0 {
			return &channels.Error{
				Code: channels.CodeRateLimited, RetryAfter: wait,
				Message: "channel " + p.channel + ": this sender has written more than " + p.rate.String(),
			}
		}
	}
	for _, sender := range senders {
		p.buckets.Of(sender, now).Take(now)
	}
	return nil
}

// wait returns how long a sender must wait before n messages. More messages than the
// rate ever allows at once pass together when the bucket is full, since the platform
// would send them together for ever; the sender's next ones wait longer for that.
func (p *SenderPolicy) wait(sender string, n int, now time.Time) time.Duration {
	return p.buckets.Of(sender, now).Wait(min(n, p.rate.Count), now)
}
