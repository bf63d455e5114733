package sqlite

import (
	"context"
	"database/sql"

	"github.com/manyvox/manyvox/channels"
)

// Forget is journal.Journal's.
func (s *Store) Forget(ctx context.Context, c channels.Conversation) (n int, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		n, err = s.forget(t, c)
		return err
	})
	return n, err
}

// forget deletes the rows. Claims of them are lost at once, to what follows in the
// transaction too; the lines let the rows go when it commits, those too that it stored
// before, whose places are confirmed by then.
func (s *Store) forget(t *tx, c channels.Conversation) (n int, err error) {
	messages, err := t.forgetRows(t.forgetMessages, c, t.endedTurns)
	if err != nil {
		return 0, err
	}
	parts, err := t.forgetRows(t.forgetParts, c, t.endedParts)
	if err != nil {
		return 0, err
	}
	dead, err := t.changes(t.forgetDeadLetters, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	events, err := t.changes(t.forgetEvents, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	addresses, err := t.changes(t.forgetConversation, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	t.onCommit(func() {
		s.inbox.Drop(c)
		s.outbox.Drop(c)
		s.dead.Add(-dead)
	})
	return messages + parts + int(dead+events+addresses), nil
}

// forgetRows deletes what waits and ends its claims.
func (t *tx) forgetRows(stmt *sql.Stmt, c channels.Conversation, ended map[int64]bool) (int, error) {
	rows, err := t.numbers(stmt, c.Channel, c.Sender)
	for _, row := range rows {
		ended[row] = true
	}
	return len(rows), err
}
