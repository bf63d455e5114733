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
		Conversation: channels.Conversation{Channel: p.Channel, Sender: p.Sender},
		Number:       s.lastPart, Position: p.position, Value: p,
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
		case o.Sent || o.Dead:
			delete(s.parts, c.Row)
			s.outbox.Done(c)
		default:
			s.outbox.Retry(c, o.Retry)
		}
		if !o.Sent && o.Counts {
			p.attempts++
		}
		if !o.Sent && o.Dead {
			s.bury(deadLetter{
				DeadLetter: journal.DeadLetter{Kind: journal.KindUndelivered, Part: &p.Part, Reason: o.Reason},
				position:   p.position,
			})
		}
		return nil
	})
}
