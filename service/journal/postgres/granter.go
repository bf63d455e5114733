package postgres

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// granter gives a conversation's lock to the waiter that is first in the queue, at
// whichever replica that one waits. The replica whose transaction freed the lock does it,
// in a transaction after that: the first one has not read who waits.
type granter struct {
	store *Store
	wake  signal

	// mu guards pending, the conversations to be looked at.
	mu      sync.Mutex
	pending map[channels.Conversation]bool
}

func newGranter(s *Store) *granter {
	return &granter{store: s, wake: newSignal(), pending: map[channels.Conversation]bool{}}
}

// check has conversations looked at in which a waiter may be first.
func (g *granter) check(cs ...channels.Conversation) {
	g.mu.Lock()
	for _, c := range cs {
		g.pending[c] = true
	}
	g.mu.Unlock()
	g.wake.send()
}

// run grants until the store closes.
func (g *granter) run() {
	for {
		select {
		case <-g.wake:
		case <-g.store.closing:
			return
		}
		all := g.takePending()
		if len(all) == 0 {
			continue
		}
		// What could not be granted is found again by polling.
		err := g.store.writer.commit(context.Background(), g.granting(all))
		if !isClosed(err) {
			g.store.grants.report(err)
		}
	}
}

func (g *granter) takePending() (all []channels.Conversation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.pending {
		all = append(all, c)
	}
	clear(g.pending)
	return all
}

// granting returns the operation that grants the locks of conversations.
func (g *granter) granting(all []channels.Conversation) *operation {
	o := &operation{needs: needs{conversations: all, messages: all, waiters: all}}
	o.apply = func(t *tx) error {
		for _, c := range all {
			g.grant(t, t.conversations[c])
		}
		return nil
	}
	return o
}

// grant gives the lock to the first waiter, unless a message goes before it. The waiter's
// row becomes the claim of the queue, with the row's number as its token. The claim is in
// the name of the replica at which it waits, so that it is taken over with that one.
func (g *granter) grant(t *tx, c *conversation) {
	first, message := t.firstWaiters[c.Conversation], t.firstMessages[c.Conversation]
	switch {
	case first == nil || c.inbox.row != 0 || c.inbox.headChanged:
	case message != nil && message.position < first.row:
	default:
		t.removedWaiters = append(t.removedWaiters, first.row)
		c.waiters--
		c.claim(&c.inbox, first.row, first.row, first.replica)
		c.byCaller = true
		t.onCommit(func() {
			if first.replica == t.replica {
				g.store.waiters.grant(first.row, c.paused)
			} else {
				g.store.notifier.notify()
			}
		})
	}
}

const (
	// readWaiters says which waiters have the lock, by the replica $4, and which of the
	// others are gone: one that had waited for long was taken for dead with its replica. A
	// waiter that has the lock under another number of the replica is neither: others are
	// about to free that claim.
	readWaiters = `
SELECT u.row, c.turn_row IS NOT DISTINCT FROM u.row AND c.turn_seat AND c.turn_replica = $4,
	EXISTS (SELECT FROM paused p WHERE p.channel = u.channel AND p.sender = u.sender)
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) u (row, channel, sender)
LEFT JOIN conversation c ON c.channel = u.channel AND c.sender = u.sender
WHERE CASE WHEN c.turn_row = u.row THEN c.turn_replica = $4 ELSE NOT EXISTS (SELECT FROM caller k WHERE k.row = u.row) END`
	// readUngranted finds the conversations in which the lock is free and a waiter of this
	// replica is first.
	readUngranted = `
SELECT k.channel, k.sender FROM (SELECT DISTINCT channel, sender FROM caller WHERE replica = $1) k
CROSS JOIN LATERAL (SELECT turn_row, turn_due FROM conversation
	WHERE channel = k.channel AND sender = k.sender LIMIT 1) c
WHERE c.turn_row = 0 AND c.turn_due IS NULL`
)

// waiterState is what became of a waiter: it has the lock, or its row is gone.
type waiterState struct {
	row             int64
	granted, paused bool
}

// poll looks for waiters to whom other replicas gave the lock, for those whose rows are gone,
// and for those whom one left out that died before it could. Without waiters it asks nothing
// of the database.
func (g *granter) poll(ctx context.Context) error {
	waiting := g.store.waiters.all()
	if len(waiting) == 0 {
		return nil
	}
	rows := slices.Collect(maps.Keys(waiting))
	channel, sender := conversationColumns(column(rows, func(row int64) channels.Conversation { return waiting[row].Conversation }))
	found, err := g.store.readPool.Query(ctx, readWaiters, rows, channel, sender, g.store.lease.replicaID())
	changed, err := collect(found, err, func(rows pgx.Rows, w *waiterState) error { return rows.Scan(&w.row, &w.granted, &w.paused) })
	if err != nil {
		return err
	}
	for _, w := range changed {
		switch {
		case w.granted:
			g.store.waiters.grant(w.row, w.paused)
		case waiting[w.row].joined:
			g.store.waiters.lose(w.row)
		}
	}
	found, err = g.store.readPool.Query(ctx, readUngranted, g.store.lease.replicaID())
	ungranted, err := collect(found, err, scanConversationKey)
	g.check(ungranted...)
	return err
}
