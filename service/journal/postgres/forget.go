package postgres

import (
	"context"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
)

// forgetting are the tables of which all rows of a conversation are deleted.
func forgetting() []string {
	return []string{
		`DELETE FROM inbox WHERE channel = $1 AND sender = $2`,
		`DELETE FROM outbox WHERE channel = $1 AND sender = $2`,
		`DELETE FROM dead_letter WHERE channel = $1 AND sender = $2`,
		`DELETE FROM event WHERE channel = $1 AND sender = $2`,
	}
}

// Forget is journal.Journal's.
func (s *Store) Forget(ctx context.Context, c channels.Conversation) (int, error) {
	var forgotten atomic.Int64 // the caller may have gone when it is known
	o := &operation{needs: needs{conversations: []channels.Conversation{c}}}
	o.alone = func(t *tx) error {
		ctx, cancel := context.WithTimeout(context.Background(), s.options.Patience)
		defer cancel()
		n := t.forget(t.conversations[c])
		for _, sql := range forgetting() {
			tag, err := t.conn.Exec(ctx, sql, []byte(c.Channel), []byte(c.Sender))
			if err != nil {
				return err
			}
			n += int(tag.RowsAffected())
		}
		forgotten.Store(int64(n))
		t.onCommit(func() { s.inbox.dropOf(c); s.usher.hint(c) })
		return nil
	}
	err := s.do(ctx, o)
	return int(forgotten.Load()), err
}

// forget ends the claims of rows and deletes the address. Callers stay.
func (t *tx) forget(c *conversation) (n int) {
	if c.address != nil {
		n = 1
	}
	c.address, c.changed = nil, true
	c.turn.waits, c.part.waits = false, false
	if !c.seat {
		c.free(&c.turn)
	}
	c.free(&c.part)
	return n
}
