package delivery

import (
	"cmp"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// platform is where one channel sends to: how fast it may be written to, and what holds
// it back. Its fields but in and pacer are guarded by platforms.
type platform struct {
	in     *instance.Instance
	pacer  *pacer
	limits channels.Limits
	slots  int
	// calls has an element for each slot that a call holds.
	calls chan struct{}
	// typing has one for each call of Typing: they hold no slot.
	typing chan struct{}

	breaker breaker
	// pausedSince and pausedUntil are the pause that the platform has asked for.
	pausedSince, pausedUntil time.Time
	// leftBehind is how many calls outlived their context and have not returned.
	leftBehind int
	// timer ends a pause, or makes the breaker half-open.
	timer *time.Timer
}

func newPlatform(in *instance.Instance, programs func() int) *platform {
	var limits channels.Limits
	if limited, ok := in.Channel.(channels.Limited); ok {
		limits = limited.Limits()
	}
	slots := cmp.Or(max(0, limits.Concurrent), channels.DefaultConcurrent)
	return &platform{
		in: in, pacer: newPacer(limits, programs), limits: limits, slots: slots, breaker: newBreaker(),
		calls: make(chan struct{}, slots), typing: make(chan struct{}, max(1, slots/typingShare)),
	}
}

// free returns how many parts may be on their way at once now.
func (p *platform) free(now time.Time) int {
	switch {
	case now.Before(p.pausedUntil) || p.breaker.holds():
		return 0
	case p.breaker.state == instance.HoldHalfOpen:
		return min(1, p.slots-p.leftBehind)
	}
	return p.slots - p.leftBehind
}

// next returns when the platform changes by itself, zero when it does not.
func (p *platform) next(now time.Time) (at time.Time) {
	if now.Before(p.pausedUntil) {
		at = p.pausedUntil
	}
	if b := &p.breaker; b.state == instance.HoldOpen && (at.IsZero() || b.until.Before(at)) {
		at = b.until
	}
	return at
}

// isOf reports whether a part is for a channel of this type. Parts of an earlier version do not
// say of which they are.
func (p *platform) isOf(part *channels.Part) bool {
	return part.Type == "" || part.Type == p.in.Type.Name
}

// streamer returns the channel when it can let the text of the part grow, and nil when it is
// none of a Streamer, is of another type, or there is no platform.
func (p *platform) streamer(part *channels.Part) channels.Streamer {
	if p == nil || !p.isOf(part) {
		return nil
	}
	streamer, _ := p.in.Channel.(channels.Streamer)
	return streamer
}

// rateKey returns whom the platform's limits count for a part: see channels.Keyer.
func rateKey(in *instance.Instance, p *channels.Part) string {
	if k, ok := in.Channel.(channels.Keyer); ok {
		return cmp.Or(k.RateKey(*p), p.Sender)
	}
	return cmp.Or(p.Address, p.Sender)
}
