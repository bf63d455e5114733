package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// parcel is a part and as what it is stored.
type parcel struct {
	channels.Part
	body []byte
}

func encodeParts(parts []channels.Part) ([]parcel, error) {
	parcels := make([]parcel, len(parts))
	for i, p := range parts {
		body, err := journal.EncodePart(p)
		if err != nil {
			return nil, err
		}
		parcels[i] = parcel{p, body}
	}
	return parcels, nil
}

func (s *Store) addParts(t *tx, parts []parcel) error {
	for i := range parts {
		if err := s.addPart(t, &parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// addPart stores a part. When somebody in NextPart waits for it, it goes there
// without being read again.
func (s *Store) addPart(t *tx, p *parcel) error {
	c := p.Conversation()
	place := stage(t, s.outbox, c)
	row, err := t.insert(t.addPart, p.Channel, p.Sender, t.now.UnixMicro(), p.body)
	if err != nil {
		return err
	}
	var first *journal.Delivery
	if place.Taken() {
		first = &journal.Delivery{Part: p.Part, Stored: t.now}
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
	for {
		held, err := s.outbox.Take(ctx)
		if err != nil {
			return journal.Delivery{}, err
		}
		if d, ok, err := s.claimPart(ctx, held); ok || err != nil {
			return d, err
		}
	}
}

// claimPart reads a part. It is not ok when there is nothing to be sent: the row can't
// be read and becomes a dead letter, or was forgotten.
func (s *Store) claimPart(ctx context.Context, held journal.Held[*journal.Delivery]) (d journal.Delivery, ok bool, err error) {
	if held.Fresh {
		d = *held.Value
		d.Claim = held.Claim
		return d, true, nil
	}
	// It takes little time: who was chosen gets the part although ctx may have ended.
	ctx = context.WithoutCancel(ctx)
	err = s.read(ctx, "part", func() (err error) {
		d, err = s.reader.readPart(ctx, held.Claim)
		return err
	})
	ok = err == nil
	if errors.Is(err, errUnreadable) {
		err = s.setAsidePart(ctx, held.Claim)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), errors.Is(err, journal.ErrFenced):
		s.outbox.Done(held.Claim)
		return d, false, nil
	case err != nil:
		s.outbox.Retry(held.Claim, time.Time{})
	}
	return d, ok, err
}

func (s *Store) setAsidePart(ctx context.Context, c journal.Claim) error {
	return s.writer.do(ctx, func(t *tx) error {
		if !s.holdsPart(t, c) {
			return journal.ErrFenced
		}
		t.onCommit(func() { s.outbox.Done(c) })
		return s.setAside(t, t.setAsidePart, t.removePart, journal.KindUndelivered, c.Row)
	})
}

func (s *Store) holdsPart(t *tx, c journal.Claim) bool {
	return !t.endedParts[c.Row] && s.outbox.Holds(c)
}

// SettlePart is journal.Journal's.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	notes, err := s.notes(o.Events...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		if !s.holdsPart(t, c) {
			return journal.ErrFenced
		}
		t.endedParts[c.Row] = true
		if err := s.note(t, notes); err != nil {
			return err
		}
		return s.endPart(t, c, o)
	})
}

func (s *Store) endPart(t *tx, c journal.Claim, o journal.PartOutcome) error {
	switch {
	case o.Sent || o.Expired:
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
}

func (s *Store) removePart(t *tx, c journal.Claim) error {
	t.onCommit(func() { s.outbox.Done(c) })
	return t.exec(t.removePart, c.Row)
}

// Wake is journal.Journal's.
func (s *Store) Wake(ctx context.Context, c channels.Conversation) error {
	if err := s.writer.refuse(ctx); err != nil {
		return err
	}
	s.outbox.Wake(c)
	return nil
}

// Gone is journal.Journal's. There is no other process.
func (s *Store) Gone(ctx context.Context, _ channels.Conversation) error {
	return s.writer.refuse(ctx)
}
