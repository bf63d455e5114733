package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// part is a row of the outbox.
type part struct {
	channels.Part
	// position is the number that the row had first.
	position int64
	attempts int
	stored   time.Time
	// live says that the part was begun and not completed, growing that its turn may still
	// complete it; receipt is that of Open as KeepLive committed it.
	live, growing bool
	receipt       *channels.Receipt
}

// part stores p under the last number and returns its row for the scheduler.
func (s *Store) part(p *part) scheduler.Row[*part] {
	s.parts[s.lastPart] = p
	return scheduler.Row[*part]{
		Conversation: p.Conversation(), Number: s.lastPart, Position: p.position, Stored: p.stored, Growing: p.growing, Value: p,
	}
}

// addParts puts parts at the end of their conversation's outbox.
func (s *Store) addParts(parts []channels.Part) {
	now := time.Now()
	for _, p := range parts {
		s.addOffer(&p, now)
		s.lastPart++
		s.outbox.Add(s.part(&part{Part: p, position: s.lastPart, stored: now}))
	}
}

// OpenOutbox is journal.Journal's.
func (s *Store) OpenOutbox(slots map[string]int) { s.outbox.Open(slots) }

// NextPart is journal.Journal's. As in a store on disk, a claim of a part is not stored.
func (s *Store) NextPart(ctx context.Context) (journal.Delivery, error) {
	claimed, err := s.outbox.Next(ctx)
	if err != nil {
		return journal.Delivery{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := claimed.Value
	return journal.Delivery{
		Claim: claimed.Claim, Part: p.Part, Live: journal.LiveOf(p.growing, p.receipt), Attempts: p.attempts, Stored: p.stored,
	}, nil
}

// SettlePart is journal.Journal's.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	return s.write(ctx, func() error {
		if !s.outbox.IsCurrent(c) {
			return journal.ErrFenced
		}
		p := s.parts[c.Row]
		if o.Sent || o.Expired || o.Dead {
			delete(s.parts, c.Row)
			s.outbox.Done(c)
		} else {
			s.outbox.Retry(c, o.Retry)
		}
		if o.Counts {
			p.attempts++
		}
		if o.Sent && o.Shown != nil {
			s.openOffer(o.Shown)
		}
		if o.Dead && !o.Sent && !o.Expired {
			s.addDeadLetter(deadLetter{
				DeadLetter: journal.DeadLetter{Kind: o.DeadKind(), Part: &p.Part, Reason: o.Reason},
				position:   p.position,
			})
		}
		s.appendEvents(o.Events...)
		return nil
	})
}

// Wake is journal.Journal's. It changes no row: only when the scheduler gives it out.
func (s *Store) Wake(ctx context.Context, c channels.Conversation) error {
	return s.read(ctx, func() error {
		s.outbox.Wake(c)
		return nil
	})
}

// Gone is journal.Journal's. There is no other process.
func (s *Store) Gone(ctx context.Context, _ channels.Conversation) error {
	return s.read(ctx, func() error { return nil })
}

// Push is journal.Journal's.
func (s *Store) Push(ctx context.Context, p journal.Push) (known *journal.Known, err error) {
	err = s.write(ctx, func() error {
		if k := s.lookup(p.Key); k != nil {
			known = k.known()
			return nil
		}
		s.keys[p.Key] = &knownMessage{expires: time.Now().Add(p.Window), digest: p.Digest}
		s.addParts(p.Parts)
		s.appendEvents(p.Events...)
		return nil
	})
	return known, err
}

// Address is journal.Journal's.
func (s *Store) Address(ctx context.Context, c channels.Conversation) (at string, known bool, err error) {
	err = s.read(ctx, func() error {
		var a address
		a, known = s.addresses[c]
		at = a.address
		return nil
	})
	return at, known, err
}
