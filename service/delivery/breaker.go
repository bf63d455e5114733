package delivery

import (
	"sync"
	"time"
)

// breakers are the circuit breakers of the channels. The journal gives out the parts of
// those channels whose breaker is not open.
type breakers struct {
	// openOutbox names the channels whose parts the journal may give out.
	openOutbox func(slots map[string]int)
	channels   []string

	mu     sync.Mutex
	named  map[string]*breaker
	closed bool
}

// breaker is that of a channel that was held back once. It is closed (parts leave),
// open (none does, until its timer ends), or half-open: then one part is sent as a
// probe, and the others wait for its outcome.
type breaker struct {
	// until is when the breaker stops being open, timer nil once it has.
	until time.Time
	timer *time.Timer
	// halfOpen says that a probe must be accepted before the breaker closes; probing
	// that it is on its way.
	halfOpen, probing bool
}

// holds reports whether no part may be given out.
func (b *breaker) holds() bool { return b != nil && (b.timer != nil || b.probing) }

func newBreakers(openOutbox func(map[string]int), channels []string) *breakers {
	return &breakers{openOutbox: openOutbox, channels: channels, named: map[string]*breaker{}}
}

// start lets the journal give out parts.
func (s *breakers) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report()
}

// pause holds a channel's parts back for a while, without a probe afterwards. Of several
// pauses the one that ends last holds.
func (s *breakers) pause(name string, pause time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold(s.of(name), name, pause)
}

// trip opens the breaker of a channel whose credentials were refused. After the pause it
// is half-open.
func (s *breakers) trip(name string, pause time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.of(name)
	b.halfOpen, b.probing = true, false
	s.hold(b, name, pause)
}

// reset closes a breaker whose probe was accepted.
func (s *breakers) reset(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.of(name)
	b.halfOpen, b.probing = false, false
	s.report()
}

// enter reports whether a part of the channel may be sent now: the journal may have given
// it out just before the breaker opened. Trip or reset must follow a probe.
func (s *breakers) enter(name string) (probe, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.named[name]
	if b.holds() {
		return false, false
	}
	if b == nil || !b.halfOpen {
		return false, true
	}
	b.probing = true
	s.report()
	return true, true
}

func (s *breakers) of(name string) *breaker {
	if s.named[name] == nil {
		s.named[name] = &breaker{}
	}
	return s.named[name]
}

// hold starts a pause, unless a longer one is under way.
func (s *breakers) hold(b *breaker, name string, pause time.Duration) {
	until := time.Now().Add(pause)
	if s.closed || !b.until.Before(until) {
		return
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	b.until, b.timer = until, time.AfterFunc(pause, func() { s.elapse(name) })
	s.report()
}

// elapse ends a pause that is over. A timer that was replaced too late to be stopped
// finds that it is not.
func (s *breakers) elapse(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.named[name]
	if time.Now().Before(b.until) {
		return
	}
	b.timer = nil
	s.report()
}

// close ends the timers.
func (s *breakers) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, b := range s.named {
		if b.timer != nil {
			b.timer.Stop()
		}
	}
}

// report names the channels that are not held back to the journal, unless the journal
// may belong to a later service already.
func (s *breakers) report() {
	if s.closed {
		return
	}
	slots := map[string]int{}
	for _, name := range s.channels {
		if !s.named[name].holds() {
			slots[name] = 32
		}
	}
	s.openOutbox(slots)
}
