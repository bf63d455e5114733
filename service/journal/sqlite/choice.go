package sqlite

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// choiceTable is a migration. A row has the choices of one part, and is kept when the part
// is sent; message is the id of the message that the part answers. Of a conversation one
// row is open at most: see journal.Offer.
const choiceTable = `
CREATE TABLE choice (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	channel TEXT NOT NULL,
	sender  TEXT NOT NULL,
	part    TEXT NOT NULL,
	message TEXT NOT NULL,
	stored  INTEGER NOT NULL,
	open    INTEGER NOT NULL DEFAULT 0,
	body    BLOB NOT NULL,
	UNIQUE (channel, sender, part)
);
CREATE INDEX choice_conversation ON choice (channel, sender);
CREATE INDEX choice_stored ON choice (stored);
`

func (s *statements) choiceSources() []source {
	return []source{
		{&s.addChoices, `INSERT INTO choice (channel, sender, part, message, stored, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
			ON CONFLICT DO UPDATE SET message = ?4, stored = ?5, body = ?6`},
		{&s.trimChoices, `DELETE FROM choice WHERE channel = ?1 AND sender = ?2 AND id <=
			(SELECT id FROM choice WHERE channel = ?1 AND sender = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)`},
		// The part that was sent is open from now on, if it has choices. What was open is
		// closed, unless the part has none and answers the same message.
		{&s.openChoices, `UPDATE choice SET open = (part = ?3 AND ?5) WHERE channel = ?1 AND sender = ?2
			AND open <> (part = ?3 AND ?5) AND (part = ?3 OR ?5 OR message <> ?4)`},
		{&s.deleteChoices, `DELETE FROM choice WHERE id IN (SELECT id FROM choice WHERE stored < ? ORDER BY stored LIMIT ?)`},
		{&s.forgetChoices, `DELETE FROM choice WHERE channel = ? AND sender = ?`},
	}
}

// addOffer stores the choices of a part, if it has any, and deletes those of parts that are
// not among the conversation's last any more.
func (t *tx) addOffer(r *journal.OutboxRow) error {
	if r.Offer == nil {
		return nil
	}
	if err := t.exec(t.addChoices, r.Channel, r.Sender, r.ID, r.MessageID, t.now.UnixMicro(), r.Offer); err != nil {
		return err
	}
	return t.exec(t.trimChoices, r.Channel, r.Sender, journal.MaxOffers)
}

// openOffer notes that a part was sent.
func (t *tx) openOffer(p *channels.Part) error {
	return t.exec(t.openChoices, p.Channel, p.Sender, p.ID, p.MessageID, len(p.Choices) > 0)
}

// sweepChoices deletes choices that were kept long enough.
func (*Store) sweepChoices(t *tx, limit int) (int, error) {
	n, err := t.changes(t.deleteChoices, t.now.Add(-journal.ChoiceRetention).UnixMicro(), limit)
	return int(n), err
}

// Choices is journal.Journal's.
func (s *Store) Choices(ctx context.Context, c channels.Conversation) (list []journal.Offer, err error) {
	after := s.now().Add(-journal.ChoiceRetention)
	err = s.read(ctx, "choices", func() (err error) {
		list, err = s.reader.readChoices(ctx, c, after)
		return err
	})
	return list, err
}

func (r *reader) readChoices(ctx context.Context, c channels.Conversation, after time.Time) (list []journal.Offer, err error) {
	rows, err := r.choices.QueryContext(ctx, c.Channel, c.Sender, after.UnixMicro(), journal.MaxOffers)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var open bool
		var body []byte
		if err := rows.Scan(&open, &body); err != nil {
			return nil, err
		}
		list = journal.AddOffer(list, open, body)
	}
	return list, rows.Err()
}
