package postgres

import (
	"context"
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
		if err != nil && !isClosed(err) {
			g.store.options.Log.Error("journal postgres: callers wait", "error", err)
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
				g.store.waiters.grant(first.row)
			} else {
				g.store.notifier.notify()
			}
		})
	}
}

const (
	// readGranted finds the waiters of this replica to whom others gave the lock.
	readGranted = `SELECT turn_row FROM conversation WHERE turn_replica = $1 AND turn_seat AND turn_row = ANY($2)`
	// readUngranted finds the conversations in which the lock is free and a waiter of this
	// replica is first.
	readUngranted = `
SELECT DISTINCT k.channel, k.sender FROM caller k
JOIN conversation c ON c.channel = k.channel AND c.sender = k.sender
WHERE k.replica = $1 AND c.turn_row = 0 AND c.turn_due IS NULL`
)

// poll looks for waiters to whom other replicas gave the lock, and for those whom one left
// out that died before it could. Without waiters it asks nothing of the database.
func (g *granter) poll(ctx context.Context) error {
	rows := g.store.waiters.rows()
	if len(rows) == 0 {
		return nil
	}
	found, err := g.store.readPool.Query(ctx, readGranted, g.store.lease.replicaID(), rows)
	if err != nil {
		return err
	}
	granted, err := pgx.CollectRows(found, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, row := range granted {
		g.store.waiters.grant(row)
	}
	found, err = g.store.readPool.Query(ctx, readUngranted, g.store.lease.replicaID())
	ungranted, err := collect(found, err, scanConversationKey)
	g.check(ungranted...)
	return err
}
