package postgres

import (
	"context"
	"errors"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A caller of Acquire stands in the same queue as the messages of its conversation, so that
// both are answered in the order in which they came, whichever replicas they came to:
//
//   - When nobody works or waits, it gets the lock in the commit that asks for it.
//   - Else it gets a row in the table caller, with the next number of the sequence that
//     numbers messages too, and waits in its process.
//   - When what goes before it has ended, the granter of the replica where that happened makes
//     the row the claim of the queue, and notifies the replica where the caller waits.
//   - Release ends the claim, as does the end of the replica.
//
// So a lock costs two commits, to acquire and to release it, and a third, the granter's, when
// its caller had to wait.

// waiter is a caller of Acquire that waits for a conversation's lock, in the queue of its
// inbox. While it waits it has a row in the table caller, whose number is its place in the
// queue: it is of the sequence that numbers messages too. Whoever has the lock has the
// claim of the queue and no row. Both go when their replica dies.
type waiter struct {
	channels.Conversation
	row, replica int64
}

const (
	readFirstWaiters = `
SELECT u.channel, u.sender, k.row, k.replica FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, replica FROM caller
	WHERE channel = u.channel AND sender = u.sender ORDER BY row LIMIT 1) k`
	addWaiters = `
INSERT INTO caller (row, channel, sender, replica)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[])`
	removeWaiters = `DELETE FROM caller WHERE row = ANY($1)`
)

func scanWaiter(rows pgx.Rows) (*waiter, error) {
	w := &waiter{}
	err := rows.Scan(text(&w.Channel), text(&w.Sender), &w.row, &w.replica)
	return w, err
}

func queueWaiters(b *pgx.Batch, added []*waiter, removed []int64) {
	if len(added) > 0 {
		channel, sender := conversationColumns(column(added, func(w *waiter) channels.Conversation { return w.Conversation }))
		b.Queue(addWaiters, column(added, func(w *waiter) int64 { return w.row }), channel, sender,
			column(added, func(w *waiter) int64 { return w.replica }))
	}
	if len(removed) > 0 {
		b.Queue(removeWaiters, removed)
	}
}

// Acquire is journal.Journal's. All replicas share the queue. When it is idle, the lock is
// taken in one commit, and no row is written but the conversation's.
func (s *Store) Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error) {
	if ctx.Err() != nil && s.ended(context.Background()) == nil {
		return journal.Lock{}, context.Cause(ctx)
	}
	for {
		lock, err := s.acquireOnce(ctx, c, maxWaiting)
		if !errors.Is(err, errPlaceLost) {
			return lock, err
		}
		maxWaiting = math.MaxInt // it was let in already
	}
}

// errPlaceLost says that a caller's row is gone, with its place in the queue.
var errPlaceLost = errors.New("the place in the queue was lost")

// acquireOnce joins the queue once. It fails with errPlaceLost when other replicas took this
// one for dead meanwhile: then the caller joins again, at the end.
func (s *Store) acquireOnce(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error) {
	var row int64
	var w *waiting
	var paused bool
	o := locking(c, func(t *tx) error {
		conv := t.conversations[c]
		isFirst := conv.isIdle()
		if !isFirst && conv.waiters >= maxWaiting {
			return journal.ErrQueueFull
		}
		row, w, paused = t.number(), nil, conv.paused
		if isFirst {
			conv.claim(&conv.inbox, row, row, t.replica)
			conv.byCaller = true
			return nil
		}
		t.addedWaiters = append(t.addedWaiters, &waiter{c, row, t.replica})
		conv.waiters++
		conv.changed = conv.changed || conv.inbox.row == 0
		// Before the commit, since another replica may grant the lock right after it.
		w = s.waiters.add(c, row)
		t.onCommit(func() { s.waiters.join(row) })
		t.onFailure(func() { s.waiters.remove(row) })
		return nil
	})
	o.numbers = 1
	o.onLateCommit = func() { // nobody is left to release it
		s.waiters.remove(row)
		s.retryInBackground(func(ctx context.Context) error { return s.commit(ctx, releasing(c, row)) })
	}
	if err := s.commit(ctx, o); err != nil {
		if ctx.Err() != nil && !isClosed(err) {
			err = context.Cause(ctx)
		}
		return journal.Lock{}, err
	}
	if w != nil {
		if err := s.awaitGrant(ctx, w); err != nil {
			s.release(c, row)
			return journal.Lock{}, err
		}
		paused = w.paused
	}
	return journal.Lock{Claim: journal.Claim{Row: row, Token: row}, Paused: paused, Release: func() { s.release(c, row) }}, nil
}

func (s *Store) awaitGrant(ctx context.Context, w *waiting) error {
	select {
	case <-w.granted:
		return nil
	case <-w.lost:
		return errPlaceLost
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closing:
		return journal.ErrClosed
	}
}

// release takes a caller out of the queue, whether it has the lock or waits. It does not
// wait for the commit; but the operation is handed to the writer before it returns, so
// that who acquires later here finds the queue without the caller.
func (s *Store) release(c channels.Conversation, row int64) {
	s.waiters.remove(row)
	first, err := s.writer.submit(context.Background(), releasing(c, row))
	s.retryInBackground(func(ctx context.Context) error {
		if first == nil || err != nil {
			return s.commit(ctx, releasing(c, row))
		}
		err := s.writer.await(first)
		first = nil
		return err
	})
}

// releasing returns the operation that takes a caller out. It may be committed twice: the
// second time there is nothing to take out.
func releasing(c channels.Conversation, row int64) *operation {
	return locking(c, func(t *tx) error {
		conv := t.conversations[c]
		if conv.byCaller && conv.inbox.row == row {
			conv.free(&conv.inbox)
			return nil
		}
		t.removedWaiters = append(t.removedWaiters, row)
		conv.changed = conv.changed || conv.inbox.row == 0
		return nil
	})
}
