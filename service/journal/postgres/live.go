package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A live part grows as long as the claim of its turn is current. So its row has the token of
// that claim (column owner), which stands in the conversation beside the replica that has it:
// only that replica claims the row meanwhile. However the claim ends, with the turn, by a
// takeover or because the conversation was forgotten, the growth ends with it, and nothing has
// to be cleared.

// liveColumns are a migration.
const liveColumns = `
-- owner is the token of the claim whose turn grows the part, 0 once it was completed; live is
-- the part's id, NULL when it never grew. receipt is that of a part that was opened. A program
-- that does not know the columns takes a live part for an ordinary one and sends what it
-- finds: the text so far.
ALTER TABLE outbox
	ADD COLUMN owner   bigint NOT NULL DEFAULT 0,
	ADD COLUMN live    bytea,
	ADD COLUMN receipt bytea;
CREATE INDEX outbox_owner ON outbox (channel, sender) WHERE owner <> 0;
`

const (
	addLive = `
INSERT INTO outbox (row, channel, sender, position, due, stored, attempts, body, owner, live)
SELECT u.row, u.channel, u.sender, u.row, 0, u.stored, 0, u.body, u.owner, u.live
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[], $6::bigint[], $7::bytea[])
	u (row, channel, sender, stored, body, owner, live)`

	readLive = `
SELECT o.channel, o.sender, o.row, o.owner, o.live
FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
JOIN outbox o ON o.channel = u.channel AND o.sender = u.sender AND o.owner <> 0`

	writeLive = `
UPDATE outbox o SET owner = u.owner, live = u.live, body = coalesce(u.body, o.body),
	receipt = CASE WHEN u.kept THEN u.receipt ELSE o.receipt END, attempts = CASE WHEN u.anew THEN 0 ELSE o.attempts END,
	doubtful = o.doubtful AND NOT u.kept
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::boolean[], $6::bytea[], $7::boolean[])
	u (row, owner, live, body, kept, receipt, anew)
WHERE o.row = u.row`

	// keepReceipts is for parts that were completed before. It leaves one alone whose place
	// another was to take.
	keepReceipts = `
UPDATE outbox o SET receipt = u.receipt, doubtful = false
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) u (row, live, receipt)
WHERE o.row = u.row AND o.live = u.live`

	// readGrowing says when the first parts of conversations are due that grow here, by the
	// replica $3. Whose reader is elsewhere, and which channels have a free slot, does not
	// matter to them.
	readGrowing = `
SELECT c.channel, c.sender, c.part_due
FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
JOIN conversation c ON c.channel = u.channel AND c.sender = u.sender
CROSS JOIN LATERAL (SELECT owner FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) o
WHERE c.turn_replica = $3 AND NOT c.turn_seat AND c.part_due IS NOT NULL AND o.owner = c.turn_token AND o.owner <> 0`
)

// liveRow is the row of a part that has an owner, as a transaction sees and changes it.
type liveRow struct {
	channels.Conversation
	row, owner int64
	id         string
	// body is nil where it stays. kept says that receipt is to be written, anew that the
	// attempts start at 0.
	body, receipt []byte
	kept, anew    bool
	changed       bool
}

func scanLive(rows pgx.Rows) (*liveRow, error) {
	r := &liveRow{}
	err := rows.Scan(text(&r.Channel), text(&r.Sender), &r.row, &r.owner, text(&r.id))
	return r, err
}

// keptReceipt is the receipt of a part that was completed before.
type keptReceipt struct {
	row     int64
	id      string
	receipt []byte
}

// liveRows are the live parts of a transaction.
type liveRows struct {
	inserts []*row
	// owned are those that have an owner, of the conversations whose operations asked for
	// them, by the number of the row.
	owned    map[int64]*liveRow
	receipts []keptReceipt
}

// turnToken is the token of the claim of a turn, 0 when none runs.
func (c *conversation) turnToken() int64 {
	if c.byCaller {
		return 0
	}
	return c.inbox.token
}

// grows reports whether the turn that runs in the conversation grows a row of this owner.
func (c *conversation) grows(owner int64) bool { return owner != 0 && owner == c.turnToken() }

// storeOutgoing stores what a step of the claim's turn sends.
func (s *Store) storeOutgoing(t *tx, c journal.Claim, rows *journal.OutgoingRows) {
	if rows.Complete != nil {
		s.complete(t, c, rows.Complete)
	}
	s.storeParts(t, rows.Parts)
	if p := rows.Begin; p != nil {
		r := t.newPart(p)
		r.owner, r.live = c.Token, p.ID
		t.live.inserts = append(t.live.inserts, r)
		s.addPart(t, r)
	}
}

// complete ends the growth of a live part of the claim's turn: the first of the parts takes
// its row. Without the row nothing is stored.
func (s *Store) complete(t *tx, c journal.Claim, done *journal.CompletionRow) {
	for _, r := range t.live.owned {
		if r.owner != c.Token || r.id != done.ID {
			continue
		}
		r.owner, r.body, r.changed = 0, done.Parts[0].Body, true
		t.choices.add(&done.Parts[0], r.row)
		conv := t.conversations[r.Conversation]
		conv.outbox.headChanged = true
		conv.changed = conv.changed || conv.outbox.row == 0
		s.storeParts(t, done.Parts[1:])
		return
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
	at, claimed := s.outbox.conversationOf(c)
	if !claimed {
		return s.fencedOrEnded(ctx)
	}
	id := newProgressID(c, body, receipt, events)
	o := locking(at, func(t *tx) error {
		if s.unknownParts.has(id) {
			return nil
		}
		conv := t.conversations[at]
		if conv.outbox.row != c.Row || conv.outbox.token != c.Token {
			return journal.ErrFenced
		}
		t.appendEvents(events...)
		t.keepLive(c.Row, p.Part.ID, body, receipt)
		return nil
	})
	o.live = []channels.Conversation{at}
	o.conversations = append(o.conversations, addressed(events)...)
	o.onLateCommit = func() { s.unknownParts.add(id) }
	err = s.commit(ctx, o)
	if err == nil || isFenced(err) {
		s.unknownParts.remove(id)
	}
	if isFenced(err) {
		s.outbox.forget(c)
	}
	return err
}

// newProgressID names what a KeepLive commits. Its digest is that of no outcome of the claim,
// which has none.
func newProgressID(c journal.Claim, body, receipt []byte, events []journal.EventRow) stepID {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %d %s", len(body), body, len(receipt), receipt)
	for _, e := range events {
		fmt.Fprintf(h, "%d %d %s", e.Time.UnixNano(), len(e.Body), e.Body)
	}
	id := stepID{Claim: c}
	h.Sum(id.digest[:0])
	return id
}

// keepLive keeps how far a claimed part has come. The text of one that was completed stays.
func (t *tx) keepLive(number int64, id string, body, receipt []byte) {
	r := t.live.owned[number]
	switch {
	case r == nil:
		t.live.receipts = append(t.live.receipts, keptReceipt{number, id, receipt})
		return
	case r.owner != 0:
		r.body, r.anew = body, r.anew || r.id != id
		r.id = id
	case r.id != id: // it was to take the place of one that was completed
		return
	}
	r.receipt, r.kept, r.changed = receipt, true, true
}

// queueLive adds what live parts change. It goes before all else that concerns the outbox's
// rows, since dead letters are made of them.
func (t *tx) queueLive(b *pgx.Batch) {
	t.live.queueInserts(b)
	var changed []*liveRow
	for _, r := range t.live.owned {
		if r.changed {
			changed = append(changed, r)
		}
	}
	if len(changed) > 0 {
		b.Queue(writeLive,
			column(changed, func(r *liveRow) int64 { return r.row }),
			column(changed, func(r *liveRow) int64 { return r.owner }),
			column(changed, func(r *liveRow) []byte { return []byte(r.id) }),
			column(changed, func(r *liveRow) []byte { return r.body }),
			column(changed, func(r *liveRow) bool { return r.kept }),
			column(changed, func(r *liveRow) []byte { return r.receipt }),
			column(changed, func(r *liveRow) bool { return r.anew }))
	}
	if kept := t.live.receipts; len(kept) > 0 {
		b.Queue(keepReceipts,
			column(kept, func(k keptReceipt) int64 { return k.row }),
			column(kept, func(k keptReceipt) []byte { return []byte(k.id) }),
			column(kept, func(k keptReceipt) []byte { return k.receipt }))
	}
}

func (l *liveRows) queueInserts(b *pgx.Batch) {
	if len(l.inserts) == 0 {
		return
	}
	channel, sender := conversationColumns(column(l.inserts, func(r *row) channels.Conversation { return r.Conversation }))
	b.Queue(addLive,
		column(l.inserts, func(r *row) int64 { return r.number }), channel, sender,
		column(l.inserts, func(r *row) int64 { return r.stored }),
		column(l.inserts, func(r *row) []byte { return r.body }),
		column(l.inserts, func(r *row) int64 { return r.owner }),
		column(l.inserts, func(r *row) []byte { return []byte(r.live) }))
}
