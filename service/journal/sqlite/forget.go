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

// forget deletes the rows. Their claims are lost at once, for the operations that follow
// in the transaction too. The schedulers drop the rows when the transaction commits. They
// drop also the rows that the transaction stored before, since onCommit runs in order and
// those entries are confirmed by then.
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

// forgetRows deletes the rows that the statement returns and ends their claims.
func (t *tx) forgetRows(remove *sql.Stmt, c channels.Conversation, ended map[int64]bool) (int, error) {
	rows, err := t.numbers(remove, c.Channel, c.Sender)
	for _, row := range rows {
		ended[row] = true
	}
	return len(rows), err
}
