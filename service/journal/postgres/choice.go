package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// choiceTable is a migration. A row has the choices of one part, and is kept when the part
// is sent. Its number is that of the part's first row, message the id of the message that
// the part answers. Of a conversation one row is open at most: see journal.Offer. The rows
// belong to their conversation and are changed under its lock, but for the sweep's.
const choiceTable = `
CREATE TABLE choice (
	number  bigint PRIMARY KEY,
	channel bytea   NOT NULL,
	sender  bytea   NOT NULL,
	part    bytea   NOT NULL,
	message bytea   NOT NULL,
	stored  bigint  NOT NULL,
	open    boolean NOT NULL DEFAULT false,
	body    bytea   NOT NULL
);
CREATE INDEX choice_conversation ON choice (channel, sender, number);
CREATE INDEX choice_stored ON choice (stored);
`

const (
	addChoices = `
INSERT INTO choice (number, channel, sender, part, message, stored, body)
SELECT u.number, u.channel, u.sender, u.part, u.message, $6, u.body
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $7::bytea[])
	u (number, channel, sender, part, message, body)`
	// trimChoices keeps those of the last $3 parts of each conversation.
	trimChoices = `
DELETE FROM choice c USING unnest($1::bytea[], $2::bytea[]) u (channel, sender)
WHERE c.channel = u.channel AND c.sender = u.sender AND c.number <= (SELECT number FROM choice
	WHERE channel = u.channel AND sender = u.sender ORDER BY number DESC LIMIT 1 OFFSET $3)`
	// openChoices notes that parts were sent, one of a conversation at most. A part is open
	// from now on, if it has choices ($5). What was open is closed, unless the part has none
	// and answers the same message.
	openChoices = `
UPDATE choice c SET open = (c.part = u.part AND u.chooses)
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::boolean[]) u (channel, sender, part, message, chooses)
WHERE c.channel = u.channel AND c.sender = u.sender AND c.open <> (c.part = u.part AND u.chooses)
	AND (c.part = u.part OR u.chooses OR c.message <> u.message)`
	sweepChoices = `
DELETE FROM choice WHERE number = ANY (ARRAY(
	SELECT number FROM choice WHERE stored < $1 ORDER BY stored LIMIT $2 FOR UPDATE SKIP LOCKED))`
	readChoices = `
SELECT open, body FROM choice WHERE channel = $1 AND sender = $2 AND stored >= $3 ORDER BY number DESC LIMIT $4`
)

// choiceWrites are what a transaction changes in the table choice.
type choiceWrites struct {
	added []offerRow
	shown []*channels.Part
}

// offerRow is a row that is added.
type offerRow struct {
	*journal.OutboxRow
	number int64
}

// add stores the choices of the part of a row, if it has any.
func (w *choiceWrites) add(p *journal.OutboxRow, number int64) {
	if p.Offer != nil {
		w.added = append(w.added, offerRow{p, number})
	}
}

// queue adds the statements to the batch. An open part is opened last: it may have been
// added in the same transaction.
func (w *choiceWrites) queue(b *pgx.Batch, now int64) {
	if len(w.added) > 0 {
		of := column(w.added, func(r offerRow) channels.Conversation { return r.Conversation() })
		channel, sender := conversationColumns(of)
		b.Queue(addChoices,
			column(w.added, func(r offerRow) int64 { return r.number }), channel, sender,
			column(w.added, func(r offerRow) []byte { return []byte(r.ID) }),
			column(w.added, func(r offerRow) []byte { return []byte(r.MessageID) }), now,
			column(w.added, func(r offerRow) []byte { return r.Offer }))
		b.Queue(trimChoices, channel, sender, journal.MaxOffers)
	}
	if len(w.shown) > 0 {
		channel, sender := conversationColumns(column(w.shown, func(p *channels.Part) channels.Conversation { return p.Conversation() }))
		b.Queue(openChoices, channel, sender,
			column(w.shown, func(p *channels.Part) []byte { return []byte(p.ID) }),
			column(w.shown, func(p *channels.Part) []byte { return []byte(p.MessageID) }),
			column(w.shown, func(p *channels.Part) bool { return len(p.Choices) > 0 }))
	}
}

// Choices is journal.Journal's.
func (s *Store) Choices(ctx context.Context, c channels.Conversation) (list []journal.Offer, err error) {
	after := micro(s.now().Add(-journal.ChoiceRetention))
	err = s.read(ctx, func(ctx context.Context) error {
		list = nil
		rows, err := s.readPool.Query(ctx, readChoices, []byte(c.Channel), []byte(c.Sender), after, journal.MaxOffers)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var open bool
			var body []byte
			if err := rows.Scan(&open, &body); err != nil {
				return err
			}
			list = journal.AddOffer(list, open, body)
		}
		return rows.Err()
	})
	return list, err
}
