package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// dedupeRow is what is known of a message by its key.
type dedupeRow struct {
	journal.Key
	expires int64
	// digest is nil when the message was stored to be answered.
	digest []byte
	state  journal.State
	// token and replica are those of the turn of an asked message.
	token, replica int64
	// shown is how many steps showed something, replies how many replies there were,
	// whose events have cursors above after.
	shown, replies, after int64
	// ownerAlive says that the replica is alive.
	ownerAlive bool
	// changed says that the row is to be written.
	changed bool
}

// endOrphaned ends the turn of a replica that died, and reports whether it did.
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

// isKnown reports whether the window has not passed.
func (d *dedupeRow) isKnown(now int64) bool {
	return d.state == journal.StateRunning || d.expires > now
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
	var channel, sender, id []byte
	err := rows.Scan(&channel, &sender, &id, &d.expires, &d.digest, &d.state, &d.token, &d.replica,
		&d.shown, &d.replies, &d.after, &d.ownerAlive)
	d.Channel, d.Sender, d.ID = string(channel), string(sender), string(id)
	return d, err
}

// keyColumns are names as three arrays.
func keyColumns(names []journal.Key) (channel, sender, id [][]byte) {
	for _, k := range names {
		channel, sender, id = append(channel, []byte(k.Channel)), append(sender, []byte(k.Sender)), append(id, []byte(k.ID))
	}
	return channel, sender, id
}

// queueDedupe adds the writing of those that have changed.
func queueDedupe(b *pgx.Batch, all map[journal.Key]*dedupeRow) {
	var names []journal.Key
	var digests [][]byte
	var states []string
	var expires, tokens, replicas, shown, replies, after []int64
	for k, d := range all {
		if !d.changed {
			continue
		}
		names, digests, states = append(names, k), append(digests, d.digest), append(states, string(d.state))
		expires, tokens, replicas = append(expires, d.expires), append(tokens, d.token), append(replicas, d.replica)
		shown, replies, after = append(shown, d.shown), append(replies, d.replies), append(after, d.after)
	}
	if len(names) > 0 {
		channel, sender, id := keyColumns(names)
		b.Queue(writeDedupe, channel, sender, id, expires, digests, states, tokens, replicas, shown, replies, after)
	}
}
