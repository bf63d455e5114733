package scheduler

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Acquire waits for the conversation's lock, as the Acquire of journal.Asks does.
func (s *Scheduler[T]) Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error) {
	e, err := s.pushCaller(ctx, c, maxWaiting)
	if err != nil {
		return journal.Lock{}, err
	}
	lock := journal.Lock{Release: func() { s.release(c, e) }}
	select {
	case <-e.acquired:
		return lock, nil
	default: // ctx need not be asked by a caller that does not wait
	}
	select {
	case <-e.acquired:
		return lock, nil
	case <-ctx.Done():
		lock.Release()
		return journal.Lock{}, context.Cause(ctx)
	case <-s.closed:
		lock.Release()
		return journal.Lock{}, journal.ErrClosed
	}
}

// pushCaller adds an entry for a caller of Acquire at the end of the conversation's queue.
func (s *Scheduler[T]) pushCaller(ctx context.Context, c channels.Conversation, maxWaiting int) (*Entry[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.waitError(context.Cause(ctx)); err != nil {
		return nil, err
	}
	q := s.queueOf(c)
	if !q.isEmpty() && q.callers >= maxWaiting {
		return nil, journal.ErrQueueFull
	}
	e := &Entry[T]{acquired: make(chan struct{})}
	q.push(e)
	s.dispatch(q)
	return e, nil
}

// release removes a caller's entry, whether it has the lock or waits for it. Releasing it
// again does nothing.
func (s *Scheduler[T]) release(c channels.Conversation, e *Entry[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	switch {
	case q == nil:
	case q.running == e:
		q.running = nil
		s.dispatch(q)
	default:
		q.remove(e)
	}
}
