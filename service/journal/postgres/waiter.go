package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// waiter is a caller of Join, in the line of its conversation's inbox. While it waits
// it has a row, which goes with its replica; what is at work is the conversation's claim.
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
	c := &waiter{}
	var channel, sender []byte
	err := rows.Scan(&channel, &sender, &c.row, &c.replica)
	c.Channel, c.Sender = string(channel), string(sender)
	return c, err
}

func queueWaiters(b *pgx.Batch, joined []*waiter, left []int64) {
	if len(joined) > 0 {
		var numbers, replicas []int64
		var channel, sender [][]byte
		for _, c := range joined {
			numbers, replicas = append(numbers, c.row), append(replicas, c.replica)
			channel, sender = append(channel, []byte(c.Channel)), append(sender, []byte(c.Sender))
		}
		b.Queue(addWaiters, numbers, channel, sender, replicas)
	}
	if len(left) > 0 {
		b.Queue(removeWaiters, left)
	}
}

// waiters are those of this process that wait.
type waiters struct {
	mu sync.Mutex
	// waiting are closed when the caller with the row is first.
	waiting map[int64]chan struct{}
	// lost is closed, and replaced, when the lease was lost and all rows with it.
	lost chan struct{}
}

func newWaiters() *waiters {
	return &waiters{waiting: map[int64]chan struct{}{}, lost: make(chan struct{})}
}

func (l *waiters) add(row int64) (first, lost <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch := make(chan struct{})
	l.waiting[row] = ch
	return ch, l.lost
}

// grant says that a caller is first, if it is one that waits here.
func (l *waiters) grant(row int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ch := l.waiting[row]; ch != nil {
		close(ch)
		delete(l.waiting, row)
	}
}

func (l *waiters) remove(row int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, row)
}

func (l *waiters) removeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = map[int64]chan struct{}{}
	close(l.lost)
	l.lost = make(chan struct{})
}

// rows are those of the callers that wait.
func (l *waiters) rows() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []int64
	for row := range l.waiting {
		all = append(all, row)
	}
	return all
}

// Acquire is journal.Journal's. All replicas share the line. When it is idle, the place
// and the claim are one commit.
func (s *Store) Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error) {
	if ctx.Err() != nil && s.ended(context.Background()) == nil {
		return journal.Lock{}, context.Cause(ctx)
	}
	var row int64
	var granted bool
	var first, lost <-chan struct{}
	o := locking(c, func(t *tx) error {
		conv := t.conversations[c]
		granted = conv.isIdle()
		if !granted && conv.waiters >= maxWaiting {
			return journal.ErrQueueFull
		}
		row = t.number()
		if granted {
			conv.claim(&conv.inbox, row, row, t.replica)
			conv.byCaller = true
			return nil
		}
		t.addedWaiters = append(t.addedWaiters, &waiter{c, row, t.replica})
		conv.waiters++
		conv.changed = conv.changed || conv.inbox.row == 0
		first, lost = s.waiters.add(row)
		t.onFailure(func() { s.waiters.remove(row) })
		return nil
	})
	o.numbers = 1
	o.onLateCommit = func() {
		s.waiters.remove(row)
		s.retryInBackground(func(ctx context.Context) error { return s.commit(ctx, releasing(c, row)) })
	}
	if err := s.commit(ctx, o); err != nil {
		if ctx.Err() != nil && !isClosed(err) {
			err = context.Cause(ctx)
		}
		return journal.Lock{}, err
	}
	if !granted {
		if err := s.awaitGrant(ctx, first, lost); err != nil {
			s.release(c, row)
			return journal.Lock{}, err
		}
	}
	return journal.Lock{Claim: journal.Claim{Row: row, Token: row}, Release: func() { s.release(c, row) }}, nil
}

func (s *Store) awaitGrant(ctx context.Context, first, lost <-chan struct{}) error {
	select {
	case <-first:
		return nil
	case <-lost:
		return errLeaseLost
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closing:
		return journal.ErrClosed
	}
}

// release takes a caller out of the line, whether it is first or waits. It does not wait
// for the commit; but who joins later finds the line without the caller.
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
