package postgres

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A dead letter keeps the body and the position of its row, and has a number of its own. Its
// row was deleted in the same transaction, so a message is in the inbox or among the dead
// letters, never in both. Both ways lead through the lock of its conversation.

const (
	readDeadLetters = `
SELECT id, kind, part, channel, sender, reason, died, body FROM dead_letter
WHERE id > $1 ORDER BY id LIMIT $2`
	readDeadLettersOf = `
SELECT id, kind, part, channel, sender, reason, died, body FROM dead_letter
WHERE channel = $3 AND id > $1 ORDER BY id LIMIT $2`
	locateDeadLetters = `SELECT id, channel, sender FROM dead_letter WHERE id = ANY($1)`
	takeDeadLetters   = `DELETE FROM dead_letter WHERE id = ANY($1) RETURNING part, channel, sender, position, body`
)

// DeadLetters is journal.Journal's.
func (s *Store) DeadLetters(ctx context.Context, channel string, after int64, limit int) (list []journal.DeadLetter, err error) {
	sql, args := readDeadLetters, []any{after, limit}
	if channel != "" {
		sql, args = readDeadLettersOf, append(args, []byte(channel))
	}
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.readPool.Query(ctx, sql, args...)
		list, err = collect(rows, err, scanDeadLetter)
		return err
	})
	return list, err
}

func scanDeadLetter(rows pgx.Rows, d *journal.DeadLetter) error {
	var isPart bool
	var of channels.Conversation
	var body []byte
	var died int64
	if err := rows.Scan(&d.ID, &d.Kind, &isPart, text(&of.Channel), text(&of.Sender), text(&d.Reason), &died, &body); err != nil {
		return err
	}
	d.Died = fromMicro(died)
	journal.DecodeDeadLetter(body, isPart, of, d)
	return nil
}

// takenLetter is a dead letter that was taken out of its table.
type takenLetter struct {
	channels.Conversation
	part     bool
	position int64
	body     []byte
}

// Replay is journal.Journal's. The rows of a batch get new numbers, in the order of their
// positions.
func (s *Store) Replay(ctx context.Context, ids ...int64) (int, error) {
	return s.takeOut(ctx, ids, func(t *tx, taken []takenLetter) {
		slices.SortFunc(taken, func(a, b takenLetter) int { return cmp.Compare(a.position, b.position) })
		for _, e := range taken {
			t.replay(&e)
		}
	})
}

// Drop is journal.Journal's.
func (s *Store) Drop(ctx context.Context, ids ...int64) (int, error) {
	return s.takeOut(ctx, ids, func(*tx, []takenLetter) {})
}

// takeOut takes out those of the dead letters that there are, a batch at a time, and returns
// how many.
func (s *Store) takeOut(ctx context.Context, wanted []int64, then func(*tx, []takenLetter)) (n int, err error) {
	places, err := s.locate(ctx, wanted)
	if err != nil {
		return 0, err
	}
	for _, ids := range journal.ReplayBatches(wanted, places) {
		taken, err := s.takeBatch(ctx, ids, places, then)
		if n += taken; err != nil {
			return n, err
		}
	}
	return n, nil
}

// takeBatch takes out dead letters in a transaction of its own: another call may take some
// out between locate, which says which conversations to lock, and the lock.
func (s *Store) takeBatch(
	ctx context.Context, ids []int64, places map[int64]channels.Conversation, then func(*tx, []takenLetter),
) (int, error) {
	var n atomic.Int64
	o := &operation{needs: needs{
		conversations: column(ids, func(id int64) channels.Conversation { return places[id] }), numbers: len(ids),
	}}
	o.exclusive = func(t *tx) error {
		ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
		defer cancel()
		rows, err := t.conn.Query(ctx, takeDeadLetters, ids)
		taken, err := collect(rows, err, scanTaken)
		if err != nil {
			return err
		}
		n.Store(int64(len(taken)))
		t.hasWritten = true
		then(t, taken)
		return nil
	}
	if err := s.commit(ctx, o); err != nil {
		return 0, err
	}
	return int(n.Load()), nil
}

// locate returns the conversations of those of the ids that there are.
func (s *Store) locate(ctx context.Context, wanted []int64) (places map[int64]channels.Conversation, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		places = map[int64]channels.Conversation{}
		rows, err := s.readPool.Query(ctx, locateDeadLetters, wanted)
		_, err = collect(rows, err, func(rows pgx.Rows, c *channels.Conversation) error {
			var id int64
			err := rows.Scan(&id, text(&c.Channel), text(&c.Sender))
			places[id] = *c
			return err
		})
		return err
	})
	return places, err
}

func scanTaken(rows pgx.Rows, e *takenLetter) error {
	return rows.Scan(&e.part, text(&e.Channel), text(&e.Sender), &e.position, &e.body)
}

// replay stores a dead letter's row again, at its old position: before all that came later.
func (t *tx) replay(e *takenLetter) {
	r := &row{Conversation: e.Conversation, number: t.number(), position: e.position, stored: micro(t.now), body: e.body}
	c := t.conversations[e.Conversation]
	if e.part {
		t.outbox.inserts = append(t.outbox.inserts, r)
		c.add(&c.outbox)
		return
	}
	t.inbox.inserts = append(t.inbox.inserts, r)
	c.add(&c.inbox)
}
