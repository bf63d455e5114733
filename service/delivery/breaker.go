package delivery

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

const (
	// openTime is how long a breaker is open before a probe is sent, and how long a
	// conversation waits whose part was refused.
	openTime = time.Minute
	// refusalsToOpen is how many conversations must be refused, with nothing accepted
	// between, for the breaker to open: one may be refused for its own sake.
	refusalsToOpen = 2
	// probeGrace is how long a conversation that was refused lets others be the probe.
	probeGrace = 100 * time.Millisecond
	// maxRefused is how many refused conversations, and parts, are remembered.
	maxRefused = 10_000
)

// breaker is the circuit breaker of a channel. It is closed (parts leave), open (none
// does) or half-open: then one part is sent as a probe, and the others wait for its
// outcome. A part that is refused holds back its own conversation; the breaker opens when
// another conversation is refused too. It is not for concurrent use.
type breaker struct {
	state        instance.HoldState // empty while it is closed
	since, until time.Time
	probing      bool // the probe is on its way
	// refused are the conversations that were refused since the last acceptance. The
	// value says whether one may be the probe: it has let others go first.
	refused map[channels.Conversation]bool
	// acceptances counts, and firstRefusal has the count of when each part, by its row,
	// was refused first.
	acceptances  int
	firstRefusal map[int64]int
}

func newBreaker() breaker {
	return breaker{refused: map[channels.Conversation]bool{}, firstRefusal: map[int64]int{}}
}

// holds reports whether no part may be sent now.
func (b *breaker) holds() bool { return b.state == instance.HoldOpen || b.probing }

// enter lets a part through, as the probe when the breaker is half-open, or says how long
// it must wait.
func (b *breaker) enter(c channels.Conversation) (wait time.Duration, ok bool) {
	mayProbe, refused := b.refused[c]
	switch {
	case b.holds():
		return 0, false
	case b.state == instance.HoldHalfOpen && refused && !mayProbe:
		b.refused[c] = true
		return probeGrace, false
	case b.state == instance.HoldHalfOpen:
		b.probing = true
	}
	return 0, true
}

// refuse takes the refusal of a part. Rejected says that the part was refused before, and
// others were accepted since: then it is the part, not the credentials.
func (b *breaker) refuse(c channels.Conversation, row int64, now time.Time) (rejected bool) {
	first, again := b.firstRefusal[row]
	if rejected = again && b.acceptances > first; rejected {
		delete(b.firstRefusal, row)
	} else {
		b.remember(c, row)
	}
	if b.state != "" || len(b.refused) >= refusalsToOpen {
		b.open(now)
	}
	return rejected
}

func (b *breaker) remember(c channels.Conversation, row int64) {
	if len(b.refused) < maxRefused {
		b.refused[c] = false
	}
	if len(b.firstRefusal) >= maxRefused {
		clear(b.firstRefusal) // they are remembered again, with a later count
	}
	if _, known := b.firstRefusal[row]; !known {
		b.firstRefusal[row] = b.acceptances
	}
}

func (b *breaker) open(now time.Time) {
	if b.state == "" {
		b.since = now
	}
	b.state, b.until, b.probing = instance.HoldOpen, now.Add(openTime), false
	for c := range b.refused {
		b.refused[c] = false
	}
}

// accept takes the acceptance of a part: the breaker closes.
func (b *breaker) accept(row int64) {
	delete(b.firstRefusal, row)
	b.acceptances++
	b.reset()
}

// reset closes the breaker. What it knows of single parts stays.
func (b *breaker) reset() {
	b.state, b.probing = "", false
	clear(b.refused)
}

// elapse makes the breaker half-open when its time is over.
func (b *breaker) elapse(now time.Time) {
	if b.state == instance.HoldOpen && !now.Before(b.until) {
		b.state = instance.HoldHalfOpen
	}
}
