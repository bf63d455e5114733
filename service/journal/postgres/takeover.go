package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

const (
	readExpired = `SELECT id FROM replica WHERE until < clock_timestamp() AND id <> $1`
	// readClaims finds what is claimed by a replica, or waits for it.
	readClaims = `
(SELECT channel, sender FROM conversation WHERE turn_replica = $1 LIMIT $2)
UNION (SELECT channel, sender FROM conversation WHERE part_replica = $1 LIMIT $2)
UNION (SELECT channel, sender FROM caller WHERE replica = $1 LIMIT $2)`
	removeWaitersOf = `
DELETE FROM caller k USING unnest($1::bytea[], $2::bytea[]) u (channel, sender)
WHERE k.channel = u.channel AND k.sender = u.sender AND k.replica = $3`
	// lockReplica waits for the transactions of a replica.
	lockReplica = `SELECT FROM replica WHERE id = $1 AND (until < clock_timestamp() OR $2) FOR UPDATE`
	// removeReplica keeps one that still has something.
	removeReplica = `
DELETE FROM replica r WHERE id = $1
	AND NOT EXISTS (SELECT FROM conversation WHERE turn_replica = r.id)
	AND NOT EXISTS (SELECT FROM conversation WHERE part_replica = r.id)
	AND NOT EXISTS (SELECT FROM caller WHERE replica = r.id)`
	removeNameLeases = `DELETE FROM hold WHERE replica = $1`
)

// takeOver releases what dead replicas have claimed.
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

// freeClaims gives up all that a replica has claimed, then the replica itself; that is
// done also while its lease runs when it is this one, and closes.
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
		if err := s.writer.commit(ctx, freeing(claims, id)); err != nil {
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
	s.outbox.rescan() // what its readers were sent is anybody's
	s.notifier.notify()
	return err
}

// freeing returns the operation that ends a replica's claims of conversations.
func freeing(claims []channels.Conversation, id int64) *operation {
	o := &operation{needs: needs{conversations: claims}}
	o.apply = func(t *tx) error {
		for _, at := range claims {
			c := t.conversations[at]
			c.changed, c.inbox.headChanged = true, true
			if c.inbox.replica == id {
				c.inbox.hasWaiting = c.inbox.hasWaiting || !c.byCaller
				c.free(&c.inbox)
			}
			if c.outbox.replica == id {
				c.outbox.hasWaiting = true
				c.free(&c.outbox)
			}
		}
		channel, sender := conversationColumns(claims)
		t.statements = append(t.statements, func(b *pgx.Batch) { b.Queue(removeWaitersOf, channel, sender, id) })
		return nil
	}
	return o
}
