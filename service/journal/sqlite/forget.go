package sqlite

import (
	"context"
	"database/sql"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal/scheduler"
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
	messages, err := t.forgetRows(t.removeMessage, rowsOf(s.inbox, t.addedTurns, c), t.endedTurns)
	if err != nil {
		return 0, err
	}
	parts, err := t.forgetRows(t.removePart, rowsOf(s.outbox, t.addedParts, c), t.endedParts)
	if err != nil {
		return 0, err
	}
	dead, err := t.changes(t.forgetDeadLetters, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	events, err := s.forgetEvents(t, c)
	if err != nil {
		return 0, err
	}
	s.addresses.drop(c)
	addresses, err := t.changes(t.forgetConversation, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	media, err := t.changes(t.media.forget, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	choices, err := t.changes(t.forgetChoices, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	aliases, err := t.changes(t.aliases.forget, c.Channel, c.Sender)
	if err != nil {
		return 0, err
	}
	if was, err := s.resume(t, c); err != nil {
		return 0, err
	} else if was {
		n++
	}
	t.onCommit(func() {
		s.inbox.Drop(c)
		s.outbox.Drop(c)
		s.dead.Add(-dead)
	})
	return n + int(messages+parts+dead+events+addresses+media+choices+aliases), nil
}

// rowsOf returns the numbers of the conversation's rows: those that the scheduler has, and
// those that the transaction stores. So none is looked for in the file.
func rowsOf[T any](queues *scheduler.Scheduler[T], added []addedRow, c channels.Conversation) []int64 {
	numbers := queues.Numbers(c)
	for _, r := range added {
		if r.conversation == c {
			numbers = append(numbers, r.number)
		}
	}
	return numbers
}

// forgetRows deletes rows, ends their claims and returns how many there were.
func (t *tx) forgetRows(remove *sql.Stmt, numbers []int64, ended map[int64]bool) (deleted int64, err error) {
	for _, number := range numbers {
		n, err := t.changes(remove, number)
		if err != nil {
			return 0, err
		}
		deleted += n
		ended[number] = true
	}
	return deleted, nil
}

// forgetEvents deletes the events, and what leads to them.
func (s *Store) forgetEvents(t *tx, c channels.Conversation) (deleted int64, err error) {
	key := conversationKey(c)
	list, last := s.recent.of(c, 0)
	if t.hasEvents {
		last = t.newest
	}
	if deleted, err = t.changes(t.forgetEvents, key, c.Channel, c.Sender, list); err != nil {
		return 0, err
	}
	t.onCommit(func() { s.recent.forget(c, last) })
	return deleted, t.exec(t.forgetIndex, key)
}
