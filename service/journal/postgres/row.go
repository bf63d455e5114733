package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// row is a row of the inbox or the outbox.
type row struct {
	channels.Conversation
	number, position, due, stored, attempts, shown int64
	body                                           []byte
}

// rowUpdate is what is added to a row, and when it is due then.
type rowUpdate struct {
	due             *int64
	attempts, shown int64
}

// deadLetter makes a row a dead letter.
type deadLetter struct {
	id, row      int64
	kind, reason string
}

// table is the inbox or the outbox.
type table struct {
	insert, update, moveToDead, remove, first string
	// due finds the lines whose first row may be claimed or will be due, of the
	// channels $1, of all when that is NULL; in the outbox by the replica $3.
	due     string
	isInbox bool
}

func inboxTable() table {
	t := newTable("@table", "inbox", "@line", "turn", "@part", "false", "@shown", ", shown",
		"@values", ", u.shown", "@addshown", ", shown = t.shown + u.shown", "@headshown", "shown", "@free", "")
	t.isInbox = true
	return t
}

// outboxTable is that of the outbox, whose rows show nothing.
func outboxTable() table {
	return newTable("@table", "outbox", "@line", "part", "@part", "true", "@shown", "",
		"@values", "", "@addshown", "", "@headshown", "0::bigint", "@free", `
		AND (l.holder IN (0, $3) OR NOT EXISTS (SELECT FROM replica r WHERE r.id = l.holder))`)
}

func newTable(names ...string) table {
	sql := strings.NewReplacer(names...).Replace
	return table{
		insert: sql(`
INSERT INTO @table (row, channel, sender, position, due, stored, attempts, body@shown)
SELECT u.row, u.channel, u.sender, u.position, u.due, u.stored, u.attempts, u.body@values
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::bytea[], $9::bigint[])
	u (row, channel, sender, position, due, stored, attempts, body, shown)`),
		update: sql(`
UPDATE @table t SET due = coalesce(u.due, t.due), attempts = t.attempts + u.attempts@addshown
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) u (row, due, attempts, shown)
WHERE t.row = u.row`),
		moveToDead: sql(`
INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
SELECT u.id, u.kind, @part, t.channel, t.sender, t.position, $5, u.reason, t.body
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[]) u (id, row, kind, reason)
JOIN @table t ON t.row = u.row`),
		remove: sql(`DELETE FROM @table WHERE row = ANY($1)`),
		first: sql(`
SELECT u.channel, u.sender, t.row, t.position, t.due, t.stored, t.attempts, t.shown, t.body
FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, position, due, stored, attempts, @headshown AS shown, body FROM @table
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) t`),
		due: sql(`
SELECT c.channel, c.sender, c.@line_due
FROM (SELECT channel FROM unnest($1::bytea[]) channel
	UNION ALL SELECT DISTINCT channel FROM conversation WHERE $1::bytea[] IS NULL AND @line_due IS NOT NULL) open
CROSS JOIN LATERAL (SELECT channel, sender, @line_due FROM conversation l
	WHERE channel = open.channel AND @line_due IS NOT NULL@free ORDER BY @line_due LIMIT $2) c
ORDER BY c.@line_due LIMIT $2`),
	}
}

func scanRow(rows pgx.Rows) (*row, error) {
	r := &row{}
	var channel, sender []byte
	err := rows.Scan(&channel, &sender, &r.number, &r.position, &r.due, &r.stored, &r.attempts, &r.shown, &r.body)
	r.Channel, r.Sender = string(channel), string(sender)
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
	c := w.updates[row]
	if c == nil {
		c = &rowUpdate{}
		w.updates[row] = c
	}
	return c
}

// queue adds the statements to the batch. now is when the dead letters died.
func (w *writes) queue(b *pgx.Batch, now int64) {
	if len(w.inserts) > 0 {
		w.queueInserts(b)
	}
	if len(w.updates) > 0 {
		w.queueUpdates(b)
	}
	if len(w.deadLetters) > 0 {
		var ids, rows []int64
		var kinds []string
		var reasons [][]byte
		for _, g := range w.deadLetters {
			ids, rows = append(ids, g.id), append(rows, g.row)
			kinds, reasons = append(kinds, g.kind), append(reasons, []byte(g.reason))
		}
		b.Queue(w.moveToDead, ids, rows, kinds, reasons, now)
	}
	if len(w.removed) > 0 {
		b.Queue(w.remove, w.removed)
	}
}

func (w *writes) queueInserts(b *pgx.Batch) {
	n := len(w.inserts)
	numbers, positions, dues, stored := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	attempts, shown := make([]int64, n), make([]int64, n)
	channel, sender, bodies := make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i, r := range w.inserts {
		numbers[i], positions[i], dues[i], stored[i] = r.number, r.position, r.due, r.stored
		attempts[i], shown[i] = r.attempts, r.shown
		channel[i], sender[i], bodies[i] = []byte(r.Channel), []byte(r.Sender), r.body
	}
	b.Queue(w.insert, numbers, channel, sender, positions, dues, stored, attempts, bodies, shown)
}

func (w *writes) queueUpdates(b *pgx.Batch) {
	var rows, attempts, shown []int64
	var dues []*int64
	for number, c := range w.updates {
		rows, dues = append(rows, number), append(dues, c.due)
		attempts, shown = append(attempts, c.attempts), append(shown, c.shown)
	}
	b.Queue(w.update, rows, dues, attempts, shown)
}
