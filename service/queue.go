package service

import (
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// queues holds one FIFO per conversation that has a turn running: whoever joins
// waits until all who joined before have left.
type queues struct {
	mu      sync.Mutex
	waiting map[channels.Conversation]*queue
	// most is how many may wait behind the one whose turn it is.
	most int
}

// queue is the line behind a running turn. Its first waiter is next.
type queue struct{ waiters []chan struct{} }

func newQueues(most int) *queues {
	return &queues{waiting: map[channels.Conversation]*queue{}, most: most}
}

// join returns when it is the caller's turn; it must then call leave. It fails when
// too many wait already, when the turn has not come by the deadline, or with ctx's
// error when ctx ends first.
func (q *queues) join(ctx context.Context, c channels.Conversation, deadline time.Time) error {
	q.mu.Lock()
	line, busy := q.waiting[c]
	if !busy {
		q.waiting[c] = &queue{}
		q.mu.Unlock()
		return nil
	}
	if len(line.waiters) >= q.most {
		q.mu.Unlock()
		return &channels.Error{
			Code: channels.CodeOverloaded, RetryAfter: retryAfter,
			Message: "too many messages of this conversation are waiting",
		}
	}
	turn := make(chan struct{})
	line.waiters = append(line.waiters, turn)
	q.mu.Unlock()

	timeout := time.NewTimer(time.Until(deadline))
	defer timeout.Stop()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		q.giveUp(c, turn)
		return context.Cause(ctx)
	case <-timeout.C:
		q.giveUp(c, turn)
		return channels.Errorf(channels.CodeUnavailable, "earlier messages of this conversation are still being answered")
	}
}

// giveUp takes a waiter out of the line; one whose turn has come meanwhile passes
// it on.
func (q *queues) giveUp(c channels.Conversation, turn chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := q.waiting[c]
	for i, w := range line.waiters {
		if w == turn {
			line.waiters = append(line.waiters[:i], line.waiters[i+1:]...)
			return
		}
	}
	q.next(c, line)
}

// leave ends the caller's turn and starts the next.
func (q *queues) leave(c channels.Conversation) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next(c, q.waiting[c])
}

func (q *queues) next(c channels.Conversation, line *queue) {
	if len(line.waiters) == 0 {
		delete(q.waiting, c)
		return
	}
	close(line.waiters[0])
	line.waiters = line.waiters[1:]
}
