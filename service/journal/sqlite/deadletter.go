package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// DeadLetters is journal.Journal's.
func (s *Store) DeadLetters(
	ctx context.Context, channel string, after int64, limit int,
) (list []journal.DeadLetter, err error) {
	err = s.read(ctx, "dead letters", func() (err error) {
		list, err = s.reader.readDeadLetters(ctx, channel, after, limit)
		return err
	})
	return list, err
}

// exhumed is a dead letter that was taken out.
type exhumed struct {
	kind         string
	position     int64
	conversation channels.Conversation
	body         []byte
}

// Replay is journal.Journal's.
func (s *Store) Replay(ctx context.Context, ids ...int64) (n int, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		risen, err := s.takeOut(t, ids)
		if err != nil {
			return err
		}
		slices.SortFunc(risen, func(a, b exhumed) int { return cmp.Compare(a.position, b.position) })
		for _, e := range risen {
			if err := s.putBack(t, e); err != nil {
				return err
			}
		}
		n = len(risen)
		return nil
	})
	return n, err
}

// Drop is journal.Journal's.
func (s *Store) Drop(ctx context.Context, ids ...int64) (n int, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		dropped, err := s.takeOut(t, ids)
		n = len(dropped)
		return err
	})
	return n, err
}

// takeOut deletes those of the dead letters that there are.
func (s *Store) takeOut(t *tx, ids []int64) ([]exhumed, error) {
	var found []exhumed
	for _, id := range ids {
		var e exhumed
		err := t.query(t.exhume, id).Scan(&e.kind, &e.position, &e.conversation.Channel, &e.conversation.Sender, &e.body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return nil, err
		}
		found = append(found, e)
	}
	t.onCommit(func() { s.dead.Add(-int64(len(found))) })
	return found, nil
}

// putBack stores a dead letter's row anew, at its old position.
func (s *Store) putBack(t *tx, e exhumed) error {
	if e.kind == journal.KindUndelivered {
		return putRow(t, s.outbox, t.putPart, e)
	}
	return putRow(t, s.inbox, t.putMessage, e)
}

func putRow[T any](t *tx, l *journal.Lines[T], insert *sql.Stmt, e exhumed) error {
	row, err := t.insert(insert, e.conversation.Channel, e.conversation.Sender, e.position, t.now.UnixMicro(), e.body)
	if err != nil {
		return err
	}
	t.onCommit(func() {
		l.PutBack(journal.Row[T]{Conversation: e.conversation, Number: row, Position: e.position})
	})
	return nil
}

// unreadable is the reason of what was set aside.
const unreadable = "what is stored cannot be read"

// setAside makes a row that can't be read a dead letter. Replayed it is tried anew: a
// later program may be able to read it.
func (s *Store) setAside(t *tx, bury, remove *sql.Stmt, kind string, row int64) error {
	if err := t.exec(bury, kind, unreadable, t.now.UnixMicro(), row); err != nil {
		return err
	}
	t.onCommit(func() { s.dead.Add(1) })
	return t.exec(remove, row)
}
