package sqlite

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// liveColumns are a migration. Live is the id of a part that was begun, until it is completed.
// That it grows is not stored: its turn ends with the process that runs it. Receipt is that of a
// part that was opened. A program that does not know the columns takes a live part for an
// ordinary one and sends what it finds: the text so far.
const liveColumns = `
ALTER TABLE outbox ADD COLUMN live TEXT;
ALTER TABLE outbox ADD COLUMN receipt BLOB;
`

func (s *statements) liveSources() []source {
	return []source{
		{&s.beginPart, `INSERT INTO outbox (channel, sender, stored, body, live) VALUES (?, ?, ?, ?, ?)`},
		{&s.completePart, `UPDATE outbox SET live = NULL, body = ? WHERE id = ? AND live = ?`},
		{&s.keepPart, `UPDATE outbox SET attempts = CASE live WHEN ?2 THEN attempts ELSE 0 END, live = ?2, body = ?3, receipt = ?4
			WHERE id = ?1 AND live IS NOT NULL`},
		{&s.keepReceipt, `UPDATE outbox SET receipt = ?2 WHERE id = ?1`},
	}
}

// complete ends the growth of a live part: the first of the parts takes its row. Without the
// row nothing is stored.
func (s *Store) complete(t *tx, c *journal.CompletionRow) error {
	if c == nil {
		return nil
	}
	first := &c.Parts[0]
	of := first.Conversation()
	for _, number := range s.outbox.Growing(of) {
		n, err := t.changes(t.completePart, first.Body, number, c.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			t.onCommit(func() { s.outbox.EndGrowth(of, number) })
			if err := t.addOffer(first); err != nil {
				return err
			}
			return s.addParts(t, c.Parts[1:])
		}
	}
	return nil
}

// endGrowths ends the growth of what a turn began and did not complete.
func (s *Store) endGrowths(t *tx, of channels.Conversation) {
	for _, number := range s.outbox.Growing(of) {
		t.onCommit(func() { s.outbox.EndGrowth(of, number) })
	}
}

// KeepLive is journal.Journal's.
func (s *Store) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	body, err := journal.EncodePart(p.Part)
	if err != nil {
		return err
	}
	receipt, err := journal.EncodeReceipt(p.Receipt)
	if err != nil {
		return err
	}
	events, err := s.encodeEvents(p.Events...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		if !s.isCurrentPart(t, c) {
			return journal.ErrFenced
		}
		n, err := t.changes(t.keepPart, c.Row, p.Part.ID, body, receipt)
		if err == nil && n == 0 {
			err = t.keepReceiptOf(c.Row, p.Part.ID, receipt)
		}
		if err != nil {
			return err
		}
		t.onCommit(func() { s.outbox.EndDoubt(c) })
		return s.appendEvents(t, events)
	})
}

// keepReceiptOf commits the receipt of a part that was completed meanwhile. It leaves the
// receipt alone when it is that of another part, which was to take the place of this one.
func (t *tx) keepReceiptOf(row int64, id string, receipt []byte) error {
	var body []byte
	if err := t.query(t.readPart, row).Scan(&body); err != nil {
		return err
	}
	if p, err := journal.DecodePart(body); err != nil || p.ID != id {
		return nil //nolint:nilerr // what can't be read is found out when it is claimed next
	}
	return t.exec(t.keepReceipt, row, receipt)
}
