package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// caller is a caller of Join, in the line of its conversation's inbox. While it waits
// it has a row, which goes with its replica; what is at work is the conversation's claim.
type caller struct {
	channels.Conversation
	row, replica int64
}

const (
	readCallers = `
SELECT u.channel, u.sender, k.row, k.replica FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, replica FROM caller
	WHERE channel = u.channel AND sender = u.sender ORDER BY row LIMIT 1) k`
	addCallers = `
INSERT INTO caller (row, channel, sender, replica)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[])`
	removeCallers = `DELETE FROM caller WHERE row = ANY($1)`
)

func scanCaller(rows pgx.Rows) (*caller, error) {
	c := &caller{}
	var channel, sender []byte
	err := rows.Scan(&channel, &sender, &c.row, &c.replica)
	c.Channel, c.Sender = string(channel), string(sender)
	return c, err
}

func queueCallers(b *pgx.Batch, joined []*caller, left []int64) {
	if len(joined) > 0 {
		var numbers, replicas []int64
		var channel, sender [][]byte
		for _, c := range joined {
			numbers, replicas = append(numbers, c.row), append(replicas, c.replica)
			channel, sender = append(channel, []byte(c.Channel)), append(sender, []byte(c.Sender))
		}
		b.Queue(addCallers, numbers, channel, sender, replicas)
	}
	if len(left) > 0 {
		b.Queue(removeCallers, left)
	}
}

// callers are those of this process that wait.
type callers struct {
	mu sync.Mutex
	// waiting are closed when the caller with the row is first.
	waiting map[int64]chan struct{}
	// lost is closed, and replaced, when the lease was lost and all rows with it.
	lost chan struct{}
}

func newCallers() *callers {
	return &callers{waiting: map[int64]chan struct{}{}, lost: make(chan struct{})}
}

func (l *callers) add(row int64) (first, lost <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch := make(chan struct{})
	l.waiting[row] = ch
	return ch, l.lost
}

// give says that a caller is first, if it is one that waits here.
func (l *callers) give(row int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ch := l.waiting[row]; ch != nil {
		close(ch)
		delete(l.waiting, row)
	}
}

func (l *callers) drop(row int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, row)
}

func (l *callers) dropAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = map[int64]chan struct{}{}
	close(l.lost)
	l.lost = make(chan struct{})
}

// rows are those of the callers that wait.
func (l *callers) rows() []int64 {
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
func (s *Store) Acquire(ctx context.Context, c channels.Conversation, most int) (journal.Lock, error) {
	if ctx.Err() != nil && s.refuse(context.Background()) == nil {
		return journal.Lock{}, context.Cause(ctx)
	}
	var row int64
	var seated bool
	var first, lost <-chan struct{}
	o := locking(c, func(t *tx) error {
		conv := t.conversations[c]
		seated = conv.idle()
		if !seated && conv.callers >= most {
			return journal.ErrQueueFull
		}
		row = t.number()
		if seated {
			conv.claim(&conv.turn, row, row, t.replica)
			conv.seat = true
			return nil
		}
		t.joined = append(t.joined, &caller{c, row, t.replica})
		conv.callers++
		conv.changed = conv.changed || conv.turn.row == 0
		first, lost = s.callers.add(row)
		t.onFailure(func() { s.callers.drop(row) })
		return nil
	})
	o.numbers = 1
	o.abandoned = func() {
		s.callers.drop(row)
		s.persist(func(ctx context.Context) error { return s.do(ctx, leaving(c, row)) })
	}
	if err := s.do(ctx, o); err != nil {
		if ctx.Err() != nil && !isClosed(err) {
			err = context.Cause(ctx)
		}
		return journal.Lock{}, err
	}
	if !seated {
		if err := s.await(ctx, first, lost); err != nil {
			s.leave(c, row)
			return journal.Lock{}, err
		}
	}
	return journal.Lock{Claim: journal.Claim{Row: row, Token: row}, Release: func() { s.leave(c, row) }}, nil
}

func (s *Store) await(ctx context.Context, first, lost <-chan struct{}) error {
	select {
	case <-first:
		return nil
	case <-lost:
		return errLost
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closing:
		return journal.ErrClosed
	}
}

// leave takes a caller out of the line, whether it is first or waits. It does not wait
// for the commit; but who joins later finds the line without the caller.
func (s *Store) leave(c channels.Conversation, row int64) {
	s.callers.drop(row)
	first, err := s.writer.submit(context.Background(), leaving(c, row))
	s.persist(func(ctx context.Context) error {
		if first == nil || err != nil {
			return s.do(ctx, leaving(c, row))
		}
		err := s.writer.await(first)
		first = nil
		return err
	})
}

func leaving(c channels.Conversation, row int64) *operation {
	return locking(c, func(t *tx) error {
		conv := t.conversations[c]
		if conv.seat && conv.turn.row == row {
			conv.free(&conv.turn)
			return nil
		}
		t.left = append(t.left, row)
		conv.changed = conv.changed || conv.turn.row == 0
		return nil
	})
}
