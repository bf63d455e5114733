package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// part is a row of the outbox.
type part struct {
	channels.Part
	position int64
	attempts int
	stored   time.Time
}

// part stores p under the last number.
func (s *Store) part(p *part) journal.Row[*part] {
	s.parts[s.lastPart] = p
	return journal.Row[*part]{
		Conversation: p.Conversation(),
		Number:       s.lastPart, Position: p.position, Value: p,
	}
}

func (s *Store) addParts(parts []channels.Part) {
	now := time.Now()
	for _, p := range parts {
		s.lastPart++
		s.outbox.Add(s.part(&part{Part: p, position: s.lastPart, stored: now}))
	}
}

// OpenOutbox is journal.Journal's.
func (s *Store) OpenOutbox(names ...string) { s.outbox.Open(names...) }

// NextPart is journal.Journal's.
func (s *Store) NextPart(ctx context.Context) (journal.Delivery, error) {
	held, err := s.outbox.Take(ctx)
	if err != nil {
		return journal.Delivery{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := held.Value
	return journal.Delivery{Claim: held.Claim, Part: p.Part, Attempts: p.attempts, Stored: p.stored}, nil
}

// SettlePart is journal.Journal's.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	return s.change(ctx, func() error {
		if !s.outbox.Holds(c) {
			return journal.ErrFenced
		}
		p := s.parts[c.Row]
		switch {
		case o.Sent || o.Expired || o.Dead:
			delete(s.parts, c.Row)
			s.outbox.Done(c)
		default:
			s.outbox.Retry(c, o.Retry)
		}
		if o.Counts {
			p.attempts++
		}
		if o.Dead && !o.Sent && !o.Expired {
			s.bury(deadLetter{
				DeadLetter: journal.DeadLetter{Kind: journal.KindUndelivered, Part: &p.Part, Reason: o.Reason},
				position:   p.position,
			})
		}
		s.note(o.Events...)
		return nil
	})
}

// Wake is journal.Journal's.
func (s *Store) Wake(ctx context.Context, c channels.Conversation) error {
	return s.change(ctx, func() error {
		s.outbox.Wake(c)
		return nil
	})
}

// Gone is journal.Journal's. There is no other process.
func (s *Store) Gone(ctx context.Context, _ channels.Conversation) error {
	return s.change(ctx, func() error { return nil })
}

// Push is journal.Journal's.
func (s *Store) Push(ctx context.Context, p journal.Push) (known *journal.Known, err error) {
	err = s.change(ctx, func() error {
		if r := s.lookup(p.Key); r != nil {
			known = r.known()
			return nil
		}
		s.keys[p.Key] = &record{expires: time.Now().Add(p.Window), digest: p.Digest}
		s.addParts(p.Parts)
		s.note(p.Events...)
		return nil
	})
	return known, err
}

// Address is journal.Journal's.
func (s *Store) Address(ctx context.Context, c channels.Conversation) (at string, known bool, err error) {
	err = s.change(ctx, func() error {
		var a address
		a, known = s.addresses[c]
		at = a.address
		return nil
	})
	return at, known, err
}
