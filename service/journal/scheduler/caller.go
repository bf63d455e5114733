package scheduler

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// caller is a call of Acquire: its place in the queue of its conversation, and then the
// conversation's lock. Its methods are called without Scheduler.mu.
type caller[T any] struct {
	scheduler *Scheduler[T]
	entry     Entry[T]
}

// Acquire waits for the conversation's lock, as the Acquire of journal.Asks does.
func (s *Scheduler[T]) Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error) {
	caller := &caller[T]{scheduler: s, entry: Entry[T]{row: Row[T]{Conversation: c}}}
	if err := caller.push(ctx, maxWaiting); err != nil {
		return journal.Lock{}, err
	}
	if err := caller.await(ctx); err != nil {
		caller.release()
		return journal.Lock{}, err
	}
	return journal.Lock{Release: caller.release}, nil
}

// push adds the caller's entry at the end of the conversation's queue.
func (c *caller[T]) push(ctx context.Context, maxWaiting int) error {
	s := c.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.closed.waitError(context.Cause(ctx)); err != nil {
		return err
	}
	q := s.queues.of(c.entry.row.Conversation)
	if !q.isEmpty() && q.callers >= maxWaiting {
		return journal.ErrQueueFull
	}
	c.entry.acquired = make(chan struct{})
	q.push(&c.entry)
	s.dispatch(q)
	return nil
}

// await waits until the caller has the lock. After an error its entry is still there.
func (c *caller[T]) await(ctx context.Context) error {
	select {
	case <-c.entry.acquired:
		return nil
	default: // ctx need not be asked by a caller that does not wait
	}
	select {
	case <-c.entry.acquired:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.scheduler.closed:
		return journal.ErrClosed
	}
}

// release removes the caller's entry, whether it has the lock or waits for it. Releasing
// it again does nothing.
func (c *caller[T]) release() {
	s := c.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c.entry.row.Conversation]
	switch {
	case q == nil:
	case q.running == &c.entry:
		q.running = nil
		s.dispatch(q)
	default:
		q.remove(&c.entry)
	}
}
