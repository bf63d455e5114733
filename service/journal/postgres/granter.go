package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// granter gives the claim of a line to the caller who is first in it, wherever that one
// waits.
type granter struct {
	store *Store
	wake  chan struct{}

	mu      sync.Mutex
	pending map[channels.Conversation]bool
}

func newGranter(s *Store) *granter {
	return &granter{store: s, wake: make(chan struct{}, 1), pending: map[channels.Conversation]bool{}}
}

// check says that a caller may be first in a line.
func (u *granter) check(cs ...channels.Conversation) {
	u.mu.Lock()
	for _, c := range cs {
		u.pending[c] = true
	}
	u.mu.Unlock()
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// run works until the store closes.
func (u *granter) run() {
	for {
		select {
		case <-u.wake:
		case <-u.store.closing:
			return
		}
		if all := u.takePending(); len(all) > 0 {
			// Lines that could not be written are found again by polling.
			if err := u.work(all); err != nil && !isClosed(err) {
				u.store.options.Log.Error("journal postgres: callers wait", "error", err)
			}
		}
	}
}

func (u *granter) work(all []channels.Conversation) error {
	return u.store.writer.commit(context.Background(), u.granting(all))
}

func (u *granter) takePending() (all []channels.Conversation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.pending {
		all = append(all, c)
	}
	clear(u.pending)
	return all
}

// granting returns the operation that gives the lines to their first callers.
func (u *granter) granting(all []channels.Conversation) *operation {
	o := &operation{needs: needs{conversations: all, messages: all, waiters: all}}
	o.apply = func(t *tx) error {
		for _, c := range all {
			u.lock(t, t.conversations[c])
		}
		return nil
	}
	return o
}

func (u *granter) lock(t *tx, c *conversation) {
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
				u.store.waiters.grant(first.row)
			} else {
				u.store.notifier.notify()
			}
		})
	}
}

const (
	// readGranted finds the callers of this replica that others gave their seat.
	readGranted = `SELECT turn_row FROM conversation WHERE turn_replica = $1 AND turn_seat AND turn_row = ANY($2)`
	// readUngranted finds the callers of this replica that are first in a line that
	// nobody has claimed.
	readUngranted = `
SELECT DISTINCT k.channel, k.sender FROM caller k
JOIN conversation c ON c.channel = k.channel AND c.sender = k.sender
WHERE k.replica = $1 AND c.turn_row = 0 AND c.turn_due IS NULL`
)

// poll looks for callers that became first elsewhere.
func (u *granter) poll(ctx context.Context) error {
	rows := u.store.waiters.rows()
	if len(rows) == 0 {
		return nil
	}
	seated, err := u.store.readPool.Query(ctx, readGranted, u.store.lease.replicaID(), rows)
	if err != nil {
		return err
	}
	numbers, err := pgx.CollectRows(seated, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, row := range numbers {
		u.store.waiters.grant(row)
	}
	found, err := u.store.readPool.Query(ctx, readUngranted, u.store.lease.replicaID())
	if err != nil {
		return err
	}
	lines, err := collect(found, nil, scanConversationKey)
	u.check(lines...)
	return err
}

func scanConversationKey(rows pgx.Rows, c *channels.Conversation) error {
	var channel, sender []byte
	err := rows.Scan(&channel, &sender)
	c.Channel, c.Sender = string(channel), string(sender)
	return err
}
