package postgres

import (
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// The inbox and the outbox have the same shape, and the same few changes are made to both: a
// transaction gathers them here and adds one statement of each kind to its batch, whatever
// the number of its operations. Claims are not among them: they stand in the conversation
// (claim.go).

// row is a row of the inbox or the outbox.
type row struct {
	channels.Conversation
	// number names the row; position orders the rows of a queue. It is the number that the
	// row had when it was stored first: a row that was replayed has a new number and its
	// old position.
	number, position, due, stored, attempts, shown int64
	// deferred is how many of the attempts do not count; postponed is when due was written,
	// 0 when that is not known.
	deferred, postponed int64
	body                []byte
	// owner, live and receipt are those of a live part; growing says that this replica's turn
	// grows it.
	owner   int64
	live    string
	receipt []byte
	growing bool
	// doubtful is that of a part: see journal.Delivery.
	doubtful bool
}

// rowUpdate is what is added to a row, and when it is due then; nil leaves that.
type rowUpdate struct {
	due                       *int64
	attempts, shown, deferred int64
}

// deadLetter makes a row a dead letter.
type deadLetter struct {
	id, row      int64
	kind, reason string
}

// table is the inbox or the outbox: the statements are the same but for few columns.
type table struct {
	insert, update, moveToDead, remove, first string
	// stale finds up to $2 rows that were stored before $1 and are not claimed, the oldest
	// first; present returns those of rows that are there.
	stale, present string
	// due finds the conversations whose first row may be claimed or will be due, up to $2
	// of each of the channels $1, of all when that is NULL; in the outbox by the replica $4.
	// Of those due later than $3 it says when that was written.
	// It goes by the index (channel, due) of each channel, so that a channel with many rows,
	// open or not, costs the others nothing.
	due string
	// late finds up to $4 conversations whose first row is due later than $1 and was put off
	// later than $2, or nobody knows when and is due later than $3.
	late    string
	isInbox bool
}

func inboxTable() table {
	t := newTable("@table", "inbox", "@queue", "turn", "@part", "false", "@shown", ", shown",
		"@values", ", u.shown", "@addshown", ", shown = t.shown + u.shown, deferred = t.deferred + u.deferred",
		"@headshown", "shown, deferred, postponed, 0::bigint AS owner, NULL::bytea AS receipt, false AS doubtful", "@free", "")
	t.isInbox = true
	return t
}

// outboxTable is that of the outbox, whose rows show nothing.
func outboxTable() table {
	return newTable("@table", "outbox", "@queue", "part", "@part", "true", "@shown", "",
		"@values", "", "@addshown", ", doubtful = t.doubtful AND u.attempts = 0",
		"@headshown", "0::bigint AS shown, 0::bigint AS deferred, postponed, owner, receipt, doubtful", "@free", `
		AND (l.holder IN (0, $4) OR NOT EXISTS (SELECT FROM replica r WHERE r.id = l.holder))
		AND (l.turn_replica IN (0, $4) OR l.turn_token IS DISTINCT FROM (SELECT owner FROM outbox
			WHERE channel = l.channel AND sender = l.sender ORDER BY position LIMIT 1))`)
}

func newTable(names ...string) table {
	sql := strings.NewReplacer(names...).Replace
	t := table{
		insert: sql(`
INSERT INTO @table (row, channel, sender, position, due, stored, attempts, body@shown)
SELECT u.row, u.channel, u.sender, u.position, u.due, u.stored, u.attempts, u.body@values
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::bytea[], $9::bigint[])
	u (row, channel, sender, position, due, stored, attempts, body, shown)`),
		update: sql(`
UPDATE @table t SET due = coalesce(u.due, t.due),
	postponed = CASE WHEN u.due IS NULL THEN t.postponed ELSE $6 END, attempts = t.attempts + u.attempts@addshown
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::bigint[]) u (row, due, attempts, shown, deferred)
WHERE t.row = u.row`),
		moveToDead: sql(`
INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
SELECT u.id, u.kind, @part, t.channel, t.sender, t.position, $5, u.reason, t.body
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[]) u (id, row, kind, reason)
JOIN @table t ON t.row = u.row`),
		remove: sql(`DELETE FROM @table WHERE row = ANY($1)`),
		first: sql(`
SELECT u.channel, u.sender, t.row, t.position, t.due, t.stored, t.attempts, t.shown, t.deferred, t.postponed, t.body, t.owner, t.receipt,
	t.doubtful
FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, position, due, stored, attempts, @headshown, body FROM @table
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) t`),
	}
	t.find(sql)
	return t
}

// find adds the statements that find rows by when they are due or were stored.
func (t *table) find(sql func(string) string) {
	t.stale = sql(`
SELECT t.channel, t.sender, t.row, ''::bytea FROM @table t WHERE stored < $1
	AND NOT EXISTS (SELECT FROM conversation c WHERE c.channel = t.channel AND c.sender = t.sender AND c.@queue_row = t.row)
ORDER BY stored, row LIMIT $2`)
	t.present = sql(`
SELECT channel, sender, row, body FROM @table WHERE row = ANY($1) ORDER BY channel, sender, position`)
	t.late = sql(`
SELECT c.channel, c.sender
FROM (SELECT DISTINCT channel FROM conversation WHERE @queue_due IS NOT NULL) waits
CROSS JOIN LATERAL (SELECT l.channel, l.sender FROM conversation l
	CROSS JOIN LATERAL (SELECT postponed FROM @table
		WHERE channel = l.channel AND sender = l.sender ORDER BY position LIMIT 1) r
	WHERE l.channel = waits.channel AND l.@queue_due > $1
		AND (r.postponed > $2 OR r.postponed = 0 AND l.@queue_due > $3) LIMIT $4) c
LIMIT $4`)
	t.due = sql(`
SELECT c.channel, c.sender, c.@queue_due, coalesce(r.postponed, 0)
FROM (SELECT channel FROM unnest($1::bytea[]) channel
	UNION ALL SELECT DISTINCT channel FROM conversation WHERE $1::bytea[] IS NULL AND @queue_due IS NOT NULL) open
CROSS JOIN LATERAL (SELECT channel, sender, @queue_due FROM conversation l
	WHERE channel = open.channel AND @queue_due IS NOT NULL@free ORDER BY @queue_due LIMIT $2) c
LEFT JOIN LATERAL (SELECT postponed FROM @table
	WHERE channel = c.channel AND sender = c.sender ORDER BY position LIMIT 1) r ON c.@queue_due > $3`)
}

func scanRow(rows pgx.Rows) (*row, error) {
	r := &row{}
	err := rows.Scan(text(&r.Channel), text(&r.Sender), &r.number, &r.position, &r.due, &r.stored, &r.attempts, &r.shown,
		&r.deferred, &r.postponed, &r.body, &r.owner, &r.receipt, &r.doubtful)
	return r, err
}

// writes are what a transaction changes in a table.
type writes struct {
	table
	inserts     []*row
	updates     map[int64]*rowUpdate
	deadLetters []deadLetter
	removed     []int64
}

// updateOf returns what is added to a row.
func (w *writes) updateOf(row int64) *rowUpdate {
	u := w.updates[row]
	if u == nil {
		u = &rowUpdate{}
		w.updates[row] = u
	}
	return u
}

// queue adds the statements to the batch. Rows are removed last, since dead letters are
// made of them.
func (w *writes) queue(b *pgx.Batch, now int64) {
	if len(w.inserts) > 0 {
		w.queueInserts(b)
	}
	if len(w.updates) > 0 {
		w.queueUpdates(b, now)
	}
	if len(w.deadLetters) > 0 {
		b.Queue(w.moveToDead,
			column(w.deadLetters, func(d deadLetter) int64 { return d.id }),
			column(w.deadLetters, func(d deadLetter) int64 { return d.row }),
			column(w.deadLetters, func(d deadLetter) string { return d.kind }),
			column(w.deadLetters, func(d deadLetter) []byte { return []byte(d.reason) }), now)
	}
	if len(w.removed) > 0 {
		b.Queue(w.remove, w.removed)
	}
}

func (w *writes) queueInserts(b *pgx.Batch) {
	channel, sender := conversationColumns(column(w.inserts, func(r *row) channels.Conversation { return r.Conversation }))
	b.Queue(w.insert,
		column(w.inserts, func(r *row) int64 { return r.number }),
		channel, sender,
		column(w.inserts, func(r *row) int64 { return r.position }),
		column(w.inserts, func(r *row) int64 { return r.due }),
		column(w.inserts, func(r *row) int64 { return r.stored }),
		column(w.inserts, func(r *row) int64 { return r.attempts }),
		column(w.inserts, func(r *row) []byte { return r.body }),
		column(w.inserts, func(r *row) int64 { return r.shown }))
}

func (w *writes) queueUpdates(b *pgx.Batch, now int64) {
	rows := slices.Collect(maps.Keys(w.updates))
	b.Queue(w.update, rows,
		column(rows, func(r int64) *int64 { return w.updates[r].due }),
		column(rows, func(r int64) int64 { return w.updates[r].attempts }),
		column(rows, func(r int64) int64 { return w.updates[r].shown }),
		column(rows, func(r int64) int64 { return w.updates[r].deferred }), now)
}
