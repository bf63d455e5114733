package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// When a replica dies, its claims must be given out again; when it only seemed dead, what it
// does later must be refused. Both follow from the order here: first its claims are freed,
// conversation by conversation and each under its lock. From then on its fencing tokens are
// no longer the current ones. Then its row is locked, which waits for the transactions that
// it has begun, and removed, so that it can begin no more under its number.
//
// A replica that renewed its lease in between keeps its row and its number, and has lost the
// claims that were freed: they are fenced like any other lost claim.

const (
	readExpired = `SELECT id FROM replica WHERE until < clock_timestamp() AND id <> $1`
	// readClaims finds the conversations in which a replica has claimed something, or
	// something waits at it. The indexes have no row without a replica, so the planner has to
	// be told that none is looked for.
	readClaims = `
(SELECT channel, sender FROM conversation WHERE turn_replica = $1 AND turn_replica <> 0 LIMIT $2)
UNION (SELECT channel, sender FROM conversation WHERE part_replica = $1 AND part_replica <> 0 LIMIT $2)
UNION (SELECT channel, sender FROM caller WHERE replica = $1 LIMIT $2)`
	removeWaitersOf = `
DELETE FROM caller k USING unnest($1::bytea[], $2::bytea[]) u (channel, sender)
WHERE k.channel = u.channel AND k.sender = u.sender AND k.replica = $3`
	// lockReplica waits for the transactions of a replica, which hold its row shared, and
	// keeps further ones from beginning.
	lockReplica = `SELECT FROM replica WHERE id = $1 AND (until < clock_timestamp() OR $2) FOR UPDATE`
	// removeReplica keeps a replica that has claimed something meanwhile; the next heartbeat
	// takes that over.
	removeReplica = `
DELETE FROM replica r WHERE id = $1
	AND NOT EXISTS (SELECT FROM conversation WHERE turn_replica = r.id AND turn_replica <> 0)
	AND NOT EXISTS (SELECT FROM conversation WHERE part_replica = r.id AND part_replica <> 0)
	AND NOT EXISTS (SELECT FROM caller WHERE replica = r.id)`
	removeNameLeases = `DELETE FROM hold WHERE replica = $1`
)

// takeOver frees what replicas have claimed whose lease ended. Each replica does it with
// each heartbeat, so what a dead one had is given out again within its lease and half a
// second (a lease of 3 s, a heartbeat of 0.5 s). Two that do it at once do no harm: the
// conversations are locked, and what the one freed the other finds free.
func (s *Store) takeOver(ctx context.Context) error {
	rows, err := s.readPool.Query(ctx, readExpired, s.lease.replicaID())
	if err != nil {
		return err
	}
	dead, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, id := range dead {
		s.options.Log.Warn("journal postgres: takes over from a replica whose lease ended", "replica", id)
		if err := s.freeClaims(ctx, id, false); err != nil {
			return err
		}
	}
	return nil
}

// freeClaims frees all that a replica has claimed, then removes the replica. Its row goes
// last, since without it nobody would look for its claims any more. When the replica is
// this one, which closes, that is done while its lease runs.
func (s *Store) freeClaims(ctx context.Context, id int64, closes bool) error {
	for {
		rows, err := s.readPool.Query(ctx, readClaims, id, maxBatch/2)
		claims, err := collect(rows, err, scanConversationKey)
		if err != nil {
			return err
		}
		if len(claims) == 0 {
			break
		}
		if err := s.writer.commit(ctx, freeing(claims, id, closes)); err != nil {
			return err
		}
	}
	err := pgx.BeginFunc(ctx, s.writePool, func(t pgx.Tx) error {
		tag, err := t.Exec(ctx, lockReplica, id, closes)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if _, err := t.Exec(ctx, removeReplica, id); err != nil {
			return err
		}
		_, err = t.Exec(ctx, removeNameLeases, id)
		return err
	})
	s.outbox.rescan() // any replica may send to its readers now
	s.notifier.notify()
	return err
}

// freeing returns the operation that frees a replica's claims of conversations. The rows
// stay first in their queues, and are claimed again with a new token, which fences the old. A
// part that a dead replica had claimed is doubtful.
func freeing(claims []channels.Conversation, id int64, closes bool) *operation {
	o := &operation{needs: needs{conversations: claims}}
	o.apply = func(t *tx) error {
		var doubtful []int64
		for _, at := range claims {
			c := t.conversations[at]
			c.changed, c.inbox.headChanged = true, true
			if c.inbox.replica == id {
				c.inbox.hasWaiting = c.inbox.hasWaiting || !c.byCaller
				c.free(&c.inbox)
			}
			if c.outbox.replica == id {
				c.outbox.hasWaiting = true
				if !closes { // what closes has settled its calls
					doubtful = append(doubtful, c.outbox.row)
				}
				c.free(&c.outbox)
			}
		}
		t.doubt(doubtful)
		channel, sender := conversationColumns(claims)
		t.statements = append(t.statements, func(b *pgx.Batch) { b.Queue(removeWaitersOf, channel, sender, id) })
		return nil
	}
	return o
}
