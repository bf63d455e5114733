package delivery

import (
	"maps"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// platforms are those of the channels in use. They tell the journal how many parts of
// each it may give out.
type platforms struct {
	openOutbox func(slots map[string]int)
	programs   func() int
	// slots bound how many parts are sent at once, of all channels together.
	slots *worker.Slots

	mu     sync.Mutex
	list   []*platform
	byName map[string]*platform
	given  map[string]int // what openOutbox was called with
	opened bool
}

func newPlatforms(list []*instance.Instance, openOutbox func(map[string]int), programs func() int) *platforms {
	s := &platforms{openOutbox: openOutbox, programs: programs, slots: worker.NewSlots(1)}
	s.replace(list)
	return s
}

// replace takes the channels in use. The platform of an instance that goes on is kept, with
// all that it knows.
func (s *platforms) replace(list []*instance.Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.byName
	s.list, s.byName = nil, map[string]*platform{}
	for _, in := range list {
		if !in.Sends() {
			continue
		}
		p := before[in.Name]
		if p == nil || p.in != in {
			p = newPlatform(in, s.programs)
		}
		s.list = append(s.list, p)
		s.byName[in.Name] = p
	}
	for name, p := range before {
		if p != s.byName[name] && p.timer != nil {
			p.timer.Stop()
		}
	}
	n := 0
	for _, p := range s.list {
		n += p.slots
	}
	s.slots.SetLimit(max(1, n))
	s.update()
}

// find returns the platform of a channel, nil when the channel is not in use.
func (s *platforms) find(channel string) *platform {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[channel]
}

// enterInstance finds the platform of a channel and enters its instance, which Leave leaves; nil
// when the channel is not in use.
func (s *platforms) enterInstance(channel string) *platform {
	for {
		p := s.find(channel)
		if p == nil || p.in.Enter() {
			return p
		}
	}
}

// open lets the journal give out parts.
func (s *platforms) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = true
	s.update()
}

// close ends the timers. The journal hears no more: it may belong to a later service.
func (s *platforms) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = false
	for _, p := range s.list {
		if p.timer != nil {
			p.timer.Stop()
		}
	}
}

// enter reports whether a part may be sent now, or how long it must wait: the journal may
// have given it out just before the channel was held back. Leave, accepted or failed must
// follow when it may.
func (s *platforms) enter(p *platform, c channels.Conversation) (wait time.Duration, ok bool) {
	s.change(p, func(now time.Time) {
		if !now.Before(p.pausedUntil) {
			wait, ok = p.breaker.enter(c)
		}
	})
	return wait, ok
}

// leave says that a part that was let through was not sent.
func (s *platforms) leave(p *platform) {
	s.change(p, func(time.Time) { p.breaker.probing = false })
}

// accepted says that the platform has taken a part.
func (s *platforms) accepted(p *platform, row int64) {
	s.change(p, func(time.Time) { p.breaker.accept(row) })
}

// failed says that a part was not taken. Rejected says that it was refused for its own
// sake, although the class is unauthorized.
func (s *platforms) failed(p *platform, d *journal.Delivery, e *channels.SendError) (rejected bool) {
	key := rateKey(p.in, &d.Part)
	s.change(p, func(now time.Time) {
		pause := min(e.RetryAfter, maxRetryAfter)
		switch {
		case e.Class == channels.SendUnauthorized:
			rejected = p.breaker.refuse(d.Part.Conversation(), d.Row, now)
			return
		case p.breaker.probing: // the credentials were not refused
			p.breaker.reset()
		}
		if e.Class != channels.SendThrottled || pause == 0 {
			return
		}
		switch e.Scope { // of the sender alone, the part waits
		case channels.ScopeChannel:
			p.pause(now, now.Add(pause))
		case channels.ScopeAddress, "":
			p.pacer.block(key, now.Add(pause))
		}
	})
	return rejected
}

// pause holds the platform back. Of several pauses the one that ends last holds.
func (p *platform) pause(now, until time.Time) {
	if !now.Before(p.pausedUntil) {
		p.pausedSince = now
	}
	if until.After(p.pausedUntil) {
		p.pausedUntil = until
	}
}

// leaveBehind takes a slot from the platform until a call has returned.
func (s *platforms) leaveBehind(p *platform, returned <-chan sent) {
	p.in.Metrics.LeftBehind(1)
	s.change(p, func(time.Time) { p.leftBehind++ })
	go func() {
		<-returned
		<-p.calls
		p.in.Metrics.LeftBehind(-1)
		s.change(p, func(time.Time) { p.leftBehind-- })
	}()
}

// resume ends every pause of a channel and closes its breaker.
func (s *platforms) resume(channel string) (held bool) {
	p := s.find(channel)
	if p == nil {
		return false
	}
	s.change(p, func(now time.Time) {
		held = now.Before(p.pausedUntil) || p.breaker.state != ""
		p.pausedUntil = time.Time{}
		p.breaker.reset()
	})
	return p.pacer.unblock() || held
}

// holds returns what holds the platforms back.
func (s *platforms) holds(now time.Time) (list []instance.Hold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.list {
		name := p.in.Name
		if now.Before(p.pausedUntil) {
			list = append(list, instance.Hold{
				Channel: name, State: instance.HoldPaused, Since: p.pausedSince, Until: p.pausedUntil, Reason: string(channels.SendThrottled),
			})
		}
		if b := &p.breaker; b.state != "" {
			list = append(list, instance.Hold{
				Channel: name, State: b.state, Since: b.since, Until: b.until, Reason: string(channels.SendUnauthorized),
			})
		}
		list = append(list, p.pacer.holds(name, now)...)
	}
	return list
}

// change changes a platform and lets the journal know what follows. Most changes have no
// consequence: each part that is sent is one.
func (s *platforms) change(p *platform, f func(now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	free, next := p.free(now), p.next(now)
	f(now)
	if !p.next(now).Equal(next) {
		s.schedule(p, now)
	}
	if p.free(now) != free {
		s.update()
	}
}

// schedule sets the platform's timer to when it changes by itself.
func (s *platforms) schedule(p *platform, now time.Time) {
	if p.timer != nil {
		p.timer.Stop()
	}
	if at := p.next(now); !at.IsZero() && s.opened && s.byName[p.in.Name] == p {
		p.timer = time.AfterFunc(at.Sub(now), func() { s.elapse(p) })
	}
}

// elapse changes a platform because of the time. A timer that was stopped too late does
// no harm.
func (s *platforms) elapse(p *platform) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	p.breaker.elapse(now)
	s.schedule(p, now)
	s.update()
}

// update tells the journal how many parts of each channel may be on their way, if that
// has changed.
func (s *platforms) update() {
	if !s.opened {
		return
	}
	slots, now := map[string]int{}, time.Now()
	for _, p := range s.list {
		if n := p.free(now); n > 0 {
			slots[p.in.Name] = n
		}
	}
	if s.given == nil || !maps.Equal(s.given, slots) {
		s.given = slots
		s.openOutbox(slots)
	}
}
