package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// usher gives the claim of a line to the caller who is first in it, wherever that one
// waits.
type usher struct {
	store *Store
	wake  chan struct{}

	mu    sync.Mutex
	lines map[channels.Conversation]bool
}

func newUsher(s *Store) *usher {
	return &usher{store: s, wake: make(chan struct{}, 1), lines: map[channels.Conversation]bool{}}
}

// hint says that a caller may be first in a line.
func (u *usher) hint(cs ...channels.Conversation) {
	u.mu.Lock()
	for _, c := range cs {
		u.lines[c] = true
	}
	u.mu.Unlock()
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// lead works until the store closes.
func (u *usher) lead() {
	for {
		select {
		case <-u.wake:
		case <-u.store.closing:
			return
		}
		if all := u.take(); len(all) > 0 {
			// Lines that could not be written are found again by polling.
			if err := u.work(all); err != nil && !isClosed(err) {
				u.store.options.Log.Error("journal postgres: callers wait", "error", err)
			}
		}
	}
}

func (u *usher) work(all []channels.Conversation) error {
	return u.store.writer.do(context.Background(), u.seating(all))
}

func (u *usher) take() (all []channels.Conversation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.lines {
		all = append(all, c)
	}
	clear(u.lines)
	return all
}

// seating returns the operation that gives the lines to their first callers.
func (u *usher) seating(all []channels.Conversation) *operation {
	o := &operation{needs: needs{conversations: all, turns: all, callers: all}}
	o.run = func(t *tx) error {
		for _, c := range all {
			u.seat(t, t.conversations[c])
		}
		return nil
	}
	return o
}

func (u *usher) seat(t *tx, c *conversation) {
	first, message := t.callers[c.Conversation], t.turns[c.Conversation]
	switch {
	case first == nil || c.turn.row != 0 || c.turn.stirred:
	case message != nil && message.position < first.row:
	default:
		t.left = append(t.left, first.row)
		c.callers--
		c.claim(&c.turn, first.row, first.row, first.replica)
		c.seat = true
		t.onCommit(func() {
			if first.replica == t.replica {
				u.store.callers.give(first.row)
			} else {
				u.store.bell.ring()
			}
		})
	}
}

const (
	// readSeated finds the callers of this replica that others gave their seat.
	readSeated = `SELECT turn_row FROM conversation WHERE turn_replica = $1 AND turn_seat AND turn_row = ANY($2)`
	// readUnseated finds the callers of this replica that are first in a line that
	// nobody has claimed.
	readUnseated = `
SELECT DISTINCT k.channel, k.sender FROM caller k
JOIN conversation c ON c.channel = k.channel AND c.sender = k.sender
WHERE k.replica = $1 AND c.turn_row = 0 AND c.turn_due IS NULL`
)

// poll looks for callers that became first elsewhere.
func (u *usher) poll(ctx context.Context) error {
	rows := u.store.callers.rows()
	if len(rows) == 0 {
		return nil
	}
	seated, err := u.store.db.Query(ctx, readSeated, u.store.lease.current(), rows)
	if err != nil {
		return err
	}
	numbers, err := pgx.CollectRows(seated, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, row := range numbers {
		u.store.callers.give(row)
	}
	found, err := u.store.db.Query(ctx, readUnseated, u.store.lease.current())
	if err != nil {
		return err
	}
	lines, err := collect(found, nil, scanKey)
	u.hint(lines...)
	return err
}

func scanKey(rows pgx.Rows, c *channels.Conversation) error {
	var channel, sender []byte
	err := rows.Scan(&channel, &sender)
	c.Channel, c.Sender = string(channel), string(sender)
	return err
}
