package postgres

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// dedupeRow is what is known of a message by its key, a row of the table delivery. It is
// read and written under the lock of the key's conversation, so that of two calls with one
// key the second sees the first.
type dedupeRow struct {
	journal.Key
	expires int64
	// digest is nil when the message was stored to be answered.
	digest []byte
	state  journal.State
	// token and replica are those of the turn of an asked message. The token is checked by
	// SettleAsk: a turn that began again has another one.
	token, replica int64
	// shown is how many steps showed something, replies how many replies there were,
	// whose events have cursors above after.
	shown, replies, after int64
	// ownerAlive says that the lease of the replica runs.
	ownerAlive bool
	// changed says that the row is to be written.
	changed bool
}

// endOrphaned ends the turn of a replica that died, and reports whether it did. Whoever
// reads the row does it: nothing has to search for them.
func (d *dedupeRow) endOrphaned() bool {
	if d.state != journal.StateRunning || d.ownerAlive {
		return false
	}
	d.state = journal.StateFailed
	if d.shown > 0 {
		d.state = journal.StateInterrupted
	}
	return true
}

// isKnown reports whether the window has not passed. A turn that runs is known for as long
// as it does.
func (d *dedupeRow) isKnown(now int64) bool {
	return d.state == journal.StateRunning || d.expires > now
}

// addKey adds the key of a message, and reports whether it is new.
func (t *tx) addKey(e *journal.Entry) (isNew bool) {
	if d := t.dedupe[e.Key()]; d != nil && d.isKnown(micro(t.now)) {
		return false
	}
	t.dedupe[e.Key()] = &dedupeRow{Key: e.Key(), expires: micro(t.now.Add(e.Window)), changed: true}
	return true
}

const (
	readDedupe = `
SELECT d.channel, d.sender, d.id, d.expires, d.digest, d.state, d.token, d.replica, d.shown, d.replies, d.after,
	EXISTS (SELECT FROM replica r WHERE r.id = d.replica AND r.until > clock_timestamp())
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) u (channel, sender, id)
JOIN delivery d ON d.channel = u.channel AND d.sender = u.sender AND d.id = u.id`

	writeDedupe = `
INSERT INTO delivery (channel, sender, id, expires, digest, state, token, replica, shown, replies, after)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[], $6::text[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
ON CONFLICT (channel, sender, id) DO UPDATE SET expires = excluded.expires, digest = excluded.digest,
	state = excluded.state, token = excluded.token, replica = excluded.replica, shown = excluded.shown,
	replies = excluded.replies, after = excluded.after`
)

func scanDedupe(rows pgx.Rows) (*dedupeRow, error) {
	d := &dedupeRow{}
	err := rows.Scan(text(&d.Channel), text(&d.Sender), text(&d.ID), &d.expires, &d.digest, &d.state, &d.token, &d.replica,
		&d.shown, &d.replies, &d.after, &d.ownerAlive)
	return d, err
}

// queueDedupe adds the writing of those that have changed.
func queueDedupe(b *pgx.Batch, all map[journal.Key]*dedupeRow) {
	changed := slices.DeleteFunc(slices.Collect(maps.Values(all)), func(d *dedupeRow) bool { return !d.changed })
	if len(changed) == 0 {
		return
	}
	number := func(value func(*dedupeRow) int64) []int64 { return column(changed, value) }
	channel, sender, id := keyColumns(column(changed, func(d *dedupeRow) journal.Key { return d.Key }))
	b.Queue(writeDedupe, channel, sender, id,
		number(func(d *dedupeRow) int64 { return d.expires }),
		column(changed, func(d *dedupeRow) []byte { return d.digest }),
		column(changed, func(d *dedupeRow) string { return string(d.state) }),
		number(func(d *dedupeRow) int64 { return d.token }),
		number(func(d *dedupeRow) int64 { return d.replica }),
		number(func(d *dedupeRow) int64 { return d.shown }),
		number(func(d *dedupeRow) int64 { return d.replies }),
		number(func(d *dedupeRow) int64 { return d.after }))
}
