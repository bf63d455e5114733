package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
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

// deadRow is the row of a dead letter that was deleted.
type deadRow struct {
	kind         string
	position     int64
	conversation channels.Conversation
	body         []byte
}

// Replay is journal.Journal's.
func (s *Store) Replay(ctx context.Context, ids ...int64) (n int, err error) {
	var conversations map[int64]channels.Conversation
	err = s.read(ctx, "dead letters", func() (err error) {
		conversations, err = s.reader.readConversations(ctx, ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, batch := range journal.ReplayBatches(ids, conversations) {
		replayed, err := s.replayBatch(ctx, batch)
		if n += replayed; err != nil {
			return n, err
		}
	}
	return n, nil
}

// replayBatch puts dead letters back in one transaction.
func (s *Store) replayBatch(ctx context.Context, ids []int64) (n int, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		replayed, err := s.takeDeadLetters(t, ids)
		if err != nil {
			return err
		}
		slices.SortFunc(replayed, func(a, b deadRow) int { return cmp.Compare(a.position, b.position) })
		for _, d := range replayed {
			if err := s.replay(t, d); err != nil {
				return err
			}
		}
		n = len(replayed)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Drop is journal.Journal's.
func (s *Store) Drop(ctx context.Context, ids ...int64) (n int, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		dropped, err := s.takeDeadLetters(t, ids)
		n = len(dropped)
		return err
	})
	return n, err
}

// takeDeadLetters deletes dead letters and returns their rows. Unknown ids are left out.
func (s *Store) takeDeadLetters(t *tx, ids []int64) ([]deadRow, error) {
	var found []deadRow
	for _, id := range ids {
		var d deadRow
		err := t.query(t.takeDeadLetter, id).Scan(&d.kind, &d.position, &d.conversation.Channel, &d.conversation.Sender, &d.body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return nil, err
		}
		found = append(found, d)
	}
	t.onCommit(func() { s.dead.Add(-int64(len(found))) })
	return found, nil
}

// replay stores a dead letter's row anew, at its old position.
func (s *Store) replay(t *tx, d deadRow) error {
	if d.kind == journal.KindUndelivered {
		return replayRow(t, s.outbox, t.replayPart, d, &t.addedParts)
	}
	return replayRow(t, s.inbox, t.replayMessage, d, &t.addedTurns)
}

// replayRow inserts the row and, once that is committed, has it scheduled.
func replayRow[T any](t *tx, queues *scheduler.Scheduler[T], insert *sql.Stmt, d deadRow, added *[]addedRow) error {
	number, err := t.insert(insert, d.conversation.Channel, d.conversation.Sender, d.position, t.now.UnixMicro(), d.body)
	if err != nil {
		return err
	}
	*added = append(*added, addedRow{d.conversation, number})
	t.onCommit(func() {
		queues.Replay(scheduler.Row[T]{
			Conversation: d.conversation, Number: number, Position: d.position, Stored: t.stored,
		})
	})
	return nil
}

// unreadable is the reason of a dead letter whose row can't be read.
const unreadable = "what is stored cannot be read"

// quarantine makes a row that can't be read a dead letter, with its bytes. When it is
// replayed it is read anew: a later version may be able to.
func (s *Store) quarantine(t *tx, insert, remove *sql.Stmt, kind string, row int64) error {
	if err := t.exec(insert, kind, unreadable, t.now.UnixMicro(), row); err != nil {
		return err
	}
	t.onCommit(func() { s.dead.Add(1) })
	return t.exec(remove, row)
}
