package sqlite

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// addPart stores a part. When somebody in NextPart waits for it, it goes there
// without being read again.
func (s *Store) addPart(t *tx, p *channels.Part, body []byte) error {
	c := channels.Conversation{Channel: p.Channel, Sender: p.Sender}
	place := stage(t, s.outbox, c)
	row, err := t.insert(t.addPart, p.Channel, p.Sender, t.now.UnixMicro(), body)
	if err != nil {
		return err
	}
	var first *journal.Delivery
	if place.Taken() {
		first = &journal.Delivery{Part: *p, Stored: t.now}
	}
	t.onCommit(func() {
		s.outbox.Confirm(place, journal.Row[*journal.Delivery]{
			Conversation: c, Number: row, Position: row, Value: first,
		})
	})
	return nil
}

// OpenOutbox is journal.Journal's.
func (s *Store) OpenOutbox(names ...string) { s.outbox.Open(names...) }

// NextPart is journal.Journal's. A claim of a part is not stored: after a crash the
// part is due again, and its attempts are counted when they end.
func (s *Store) NextPart(ctx context.Context) (journal.Delivery, error) {
	held, err := s.outbox.Take(ctx)
	if err != nil {
		return journal.Delivery{}, err
	}
	if held.Fresh {
		d := *held.Value
		d.Claim = held.Claim
		return d, nil
	}
	// The read is short: who was chosen gets the part although ctx may have ended.
	d, err := s.reader.readPart(context.WithoutCancel(ctx), held.Claim)
	if err != nil {
		s.outbox.Retry(held.Claim, time.Time{})
	}
	return d, s.orClosed(err)
}

// SettlePart is journal.Journal's.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	return s.writer.do(ctx, func(t *tx) error {
		if t.endedParts[c] || !s.outbox.Holds(c) {
			return journal.ErrFenced
		}
		t.endedParts[c] = true
		switch {
		case o.Sent:
			return s.removePart(t, c)
		case o.Dead:
			if err := t.exec(t.buryPart, journal.KindUndelivered, o.Reason, t.now.UnixMicro(), c.Row); err != nil {
				return err
			}
			t.onCommit(func() { s.dead.Add(1) })
			return s.removePart(t, c)
		}
		t.onCommit(func() { s.outbox.Retry(c, o.Retry) })
		return t.exec(t.retryPart, o.Retry.UnixMicro(), o.Counts, c.Row)
	})
}

func (s *Store) removePart(t *tx, c journal.Claim) error {
	t.onCommit(func() { s.outbox.Done(c) })
	return t.exec(t.removePart, c.Row)
}
