package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// addParts puts parts at the end of their conversation's outbox.
func (s *Store) addParts(t *tx, parts []journal.OutboxRow) error {
	for i := range parts {
		if err := s.addPart(t, &parts[i], false); err != nil {
			return err
		}
	}
	return nil
}

// addOutgoing stores what a step sends.
func (s *Store) addOutgoing(t *tx, rows *journal.OutgoingRows) error {
	if err := s.complete(t, rows.Complete); err != nil {
		return err
	}
	if err := s.addParts(t, rows.Parts); err != nil || rows.Begin == nil {
		return err
	}
	return s.addPart(t, rows.Begin, true)
}

// addPart stores a part. A caller of NextPart that waits for it gets it without reading
// it from the file.
func (s *Store) addPart(t *tx, r *journal.OutboxRow, growing bool) error {
	c := r.Conversation()
	entry := stageIn(t, s.outbox, c, growing)
	number, err := t.insertPart(r, growing)
	if err != nil {
		return err
	}
	if err := t.addOffer(r); err != nil {
		return err
	}
	var first *journal.Delivery
	if entry.Assigned() {
		first = &journal.Delivery{Part: r.Part, Live: journal.LiveOf(growing, nil)}
	}
	t.addedParts = append(t.addedParts, addedRow{c, number})
	t.onCommit(func() {
		s.outbox.Confirm(entry, scheduler.Row[*journal.Delivery]{
			Conversation: c, Number: number, Position: number, Stored: t.stored, Growing: growing, Value: first,
		})
	})
	return nil
}

// insertPart inserts the row of a part and returns its number.
func (t *tx) insertPart(r *journal.OutboxRow, growing bool) (int64, error) {
	if growing {
		return t.insert(t.beginPart, r.Channel, r.Sender, t.now.UnixMicro(), r.Body, r.ID)
	}
	return t.insert(t.addPart, r.Channel, r.Sender, t.now.UnixMicro(), r.Body)
}

// OpenOutbox is journal.Journal's.
func (s *Store) OpenOutbox(slots map[string]int) { s.outbox.Open(slots) }

// NextPart is journal.Journal's. A claim of a part is not stored, which would cost a
// transaction: after a crash the part is due again, and its attempts are counted when they
// end.
func (s *Store) NextPart(ctx context.Context) (journal.Delivery, error) {
	for {
		claimed, err := s.outbox.Next(ctx)
		if err != nil {
			return journal.Delivery{}, err
		}
		if d, ok, err := s.claimPart(ctx, claimed); ok || err != nil {
			return d, err
		}
	}
}

// claimPart reads a part. It is not ok when there is nothing to send: the row can't be
// read and becomes a dead letter, or was forgotten.
func (s *Store) claimPart(
	ctx context.Context, claimed scheduler.Claimed[*journal.Delivery],
) (d journal.Delivery, ok bool, err error) {
	if claimed.Assigned {
		d = *claimed.Value
		d.Claim, d.Stored = claimed.Claim, claimed.Stored // what is new is not doubtful
		return d, true, nil
	}
	// The part is claimed already, and reading it takes little time: the caller gets it
	// although ctx may have ended.
	ctx = context.WithoutCancel(ctx)
	err = s.read(ctx, "part", func() (err error) {
		d, err = s.reader.readPart(ctx, claimed.Claim, claimed.Growing)
		return err
	})
	d.Stored, d.Doubtful = claimed.Stored, claimed.Doubtful
	ok = err == nil
	if errors.Is(err, errUnreadable) {
		err = s.quarantinePart(ctx, claimed.Claim)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), errors.Is(err, journal.ErrFenced): // it was forgotten
		s.outbox.Done(claimed.Claim)
		return d, false, nil
	case err != nil:
		s.outbox.Retry(claimed.Claim, time.Time{})
	}
	return d, ok, err
}

func (s *Store) quarantinePart(ctx context.Context, c journal.Claim) error {
	return s.writer.do(ctx, func(t *tx) error {
		if !s.isCurrentPart(t, c) {
			return journal.ErrFenced
		}
		t.onCommit(func() { s.outbox.Done(c) })
		return s.quarantine(t, t.quarantinePart, t.removePart, journal.KindUndelivered, c.Row)
	})
}

// isCurrentPart reports whether the claim is current for an operation of the transaction.
func (s *Store) isCurrentPart(t *tx, c journal.Claim) bool {
	return !t.endedParts[c.Row] && s.outbox.IsCurrent(c)
}

// SettlePart is journal.Journal's.
func (s *Store) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	events, err := s.encodeEvents(o.Events...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		if !s.isCurrentPart(t, c) {
			return journal.ErrFenced
		}
		t.endedParts[c.Row] = true
		if err := s.appendEvents(t, events); err != nil {
			return err
		}
		return s.endPart(t, c, &o)
	})
}

// endPart changes the part as its attempt ended.
func (s *Store) endPart(t *tx, c journal.Claim, o *journal.PartOutcome) error {
	if o.Sent && o.Shown != nil {
		if err := t.openOffer(o.Shown); err != nil {
			return err
		}
	}
	switch {
	case o.Sent || o.Expired:
		return s.removePart(t, c)
	case o.Dead:
		t.onCommit(func() { s.outbox.Done(c) })
		return s.deadLetterPart(t, c.Row, o.Kind, o.Reason)
	}
	t.onCommit(func() {
		if o.Counts {
			s.outbox.EndDoubt(c)
		}
		s.outbox.Retry(c, o.Retry)
	})
	return t.exec(t.retryPart, t.wallTime(o.Retry), t.now.UnixMicro(), o.Counts, c.Row)
}

func (s *Store) removePart(t *tx, c journal.Claim) error {
	t.onCommit(func() { s.outbox.Done(c) })
	return t.exec(t.removePart, c.Row)
}

// Wake is journal.Journal's. It changes no row: only when the scheduler gives it out.
func (s *Store) Wake(ctx context.Context, c channels.Conversation) error {
	if err := s.writer.usable(ctx); err != nil {
		return err
	}
	s.outbox.Wake(c)
	return nil
}

// Gone is journal.Journal's. There is no other process.
func (s *Store) Gone(ctx context.Context, _ channels.Conversation) error {
	return s.writer.usable(ctx)
}
