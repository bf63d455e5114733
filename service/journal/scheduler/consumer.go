package scheduler

import (
	"container/list"
	"context"
)

// consumer is a caller of Next that waits.
type consumer[T any] struct {
	// assigned has room for one, so that whoever assigns a row never waits.
	assigned chan assignment[T]
	// element is the consumer's among those that wait; nil once it was chosen: an
	// assignment was sent or will be.
	element *list.Element
}

// assignment is what a consumer gets: a claimed row, or that the row chosen for it was not
// stored.
type assignment[T any] struct {
	claimed   Claimed[T]
	withdrawn bool
}

// await waits for the consumer's assignment, without Scheduler.mu. It reports false when
// ctx ended or the scheduler was closed before there was one.
func (c *consumer[T]) await(ctx context.Context, closed <-chan struct{}) (a assignment[T], assigned bool) {
	select {
	case a = <-c.assigned:
		return a, true
	case <-ctx.Done():
	case <-closed:
	}
	return a, false
}

// consumers are those that wait and were not chosen yet, in the order in which they came.
type consumers[T any] struct{ list list.List }

// push adds a consumer at the end.
func (cs *consumers[T]) push() *consumer[T] {
	c := &consumer[T]{assigned: make(chan assignment[T], 1)}
	c.element = cs.list.PushBack(c)
	return c
}

// pop chooses and removes the consumer that has waited longest; nil when none waits.
func (cs *consumers[T]) pop() *consumer[T] {
	first := cs.list.Front()
	if first == nil {
		return nil
	}
	c := cs.list.Remove(first).(*consumer[T])
	c.element = nil
	return c
}

// remove removes a consumer that was not chosen yet and reports whether it did.
func (cs *consumers[T]) remove(c *consumer[T]) bool {
	if c.element == nil {
		return false
	}
	cs.list.Remove(c.element)
	return true
}

// Next waits for a row that is first in its queue and due, and claims it. It fails with
// ctx's error when ctx ends and with journal.ErrClosed after Close; a row that was chosen
// by then is returned all the same. Each row wakes one consumer: the one that has waited
// longest.
func (s *Scheduler[T]) Next(ctx context.Context) (Claimed[T], error) {
	for {
		claimed, c, err := s.claimReady(ctx)
		if c == nil {
			return claimed, err
		}
		a, assigned := c.await(ctx, s.closed)
		if !assigned {
			s.mu.Lock()
			removed := s.consumers.remove(c)
			s.mu.Unlock()
			if removed {
				return Claimed[T]{}, s.closed.waitError(ctx.Err())
			}
			a = <-c.assigned
		}
		if !a.withdrawn {
			return a.claimed, nil
		}
	}
}

// claimReady claims the head of the queue that has been ready longest. When none is ready,
// it returns a consumer that waits.
func (s *Scheduler[T]) claimReady(ctx context.Context) (Claimed[T], *consumer[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.closed.waitError(ctx.Err()); err != nil {
		return Claimed[T]{}, nil, err
	}
	q := s.ready.pop()
	if q == nil {
		return Claimed[T]{}, s.consumers.push(), nil
	}
	s.startRow(q)
	return s.claims.add(q), nil, nil
}

// chooseConsumer chooses the consumer that gets the head of a queue, a row, and starts the
// row. It returns nil when no consumer waits or the channel has no free slot.
func (s *Scheduler[T]) chooseConsumer(q *queue[T]) *consumer[T] {
	if !s.ready.hasSlotFor(q) {
		return nil
	}
	c := s.consumers.pop()
	if c != nil {
		s.startRow(q)
	}
	return c
}
