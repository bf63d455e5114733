package postgres

import (
	"context"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
)

// Forget needs a transaction of its own, since it returns how many rows it deleted, which
// the batch of a shared transaction does not say of each operation.

// forgetStatements delete all rows of a conversation. Keys of messages stay, so that a
// redelivery is still known; what they say of replies is gone with the events.
func forgetStatements() []string {
	return []string{
		`DELETE FROM inbox WHERE channel = $1 AND sender = $2`,
		`DELETE FROM outbox WHERE channel = $1 AND sender = $2`,
		`DELETE FROM dead_letter WHERE channel = $1 AND sender = $2`,
		`DELETE FROM choice WHERE channel = $1 AND sender = $2`,
		`DELETE FROM event WHERE channel = $1 AND sender = $2`,
		`DELETE FROM medium WHERE channel = $1 AND sender = $2`,
		removePaused,
		forgetAliases,
	}
}

// Forget is journal.Journal's.
func (s *Store) Forget(ctx context.Context, c channels.Conversation) (int, error) {
	// The caller may have given up waiting when the writer gets here.
	var forgotten atomic.Int64
	o := &operation{needs: needs{conversations: []channels.Conversation{c}}}
	o.exclusive = func(t *tx) error {
		ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
		defer cancel()
		n := t.forget(t.conversations[c])
		for _, sql := range forgetStatements() {
			tag, err := t.conn.Exec(ctx, sql, []byte(c.Channel), []byte(c.Sender))
			if err != nil {
				return err
			}
			n += int(tag.RowsAffected())
		}
		forgotten.Store(int64(n))
		t.onCommit(func() { s.inbox.forgetOf(c); s.outbox.forgetOf(c); s.granter.check(c) })
		return nil
	}
	err := s.commit(ctx, o)
	return int(forgotten.Load()), err
}

// forget ends the claims of rows and deletes the address. Callers of Acquire keep their
// place, and the lock.
func (t *tx) forget(c *conversation) (n int) {
	if c.address != nil {
		n = 1
	}
	c.address, c.changed = nil, true
	c.inbox.hasWaiting, c.outbox.hasWaiting = false, false
	if !c.byCaller {
		c.free(&c.inbox)
	}
	c.free(&c.outbox)
	return n
}
