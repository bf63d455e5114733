package scheduler

import (
	"container/list"
	"context"
	"slices"
)

// consumer is a caller of Next that waits.
type consumer[T any] struct {
	// assigned has room for one, so that whoever assigns a row never waits.
	assigned chan assignment[T]
	// chosen says that an assignment was sent or will be.
	chosen bool
}

// assignment is what a consumer gets: a claimed row, or that the row chosen for it was not
// stored.
type assignment[T any] struct {
	claimed   Claimed[T]
	withdrawn bool
}

// Next waits for a row that is first in its queue and due, and claims it. It fails with
// ctx's error when ctx ends and with journal.ErrClosed after Close; a row that was chosen
// by then is returned all the same. Each row wakes one consumer: the one that has waited
// longest.
func (s *Scheduler[T]) Next(ctx context.Context) (Claimed[T], error) {
	for {
		a, err := s.nextAssignment(ctx)
		if err != nil || !a.withdrawn {
			return a.claimed, err
		}
	}
}

func (s *Scheduler[T]) nextAssignment(ctx context.Context) (assignment[T], error) {
	s.mu.Lock()
	if err := s.waitError(ctx.Err()); err != nil {
		s.mu.Unlock()
		return assignment[T]{}, err
	}
	if q := s.popReady(); q != nil {
		defer s.mu.Unlock()
		s.startRow(q)
		return assignment[T]{claimed: s.claim(q)}, nil
	}
	c := &consumer[T]{assigned: make(chan assignment[T], 1)}
	element := s.consumers.PushBack(c)
	s.mu.Unlock()
	return s.await(ctx, c, element)
}

// popReady removes and returns the queue that has been ready longest and whose channel
// has a free slot, nil when there is none. Those of channels without one are put aside.
func (s *Scheduler[T]) popReady() *queue[T] {
	for len(s.ready) > 0 {
		q := s.ready[0]
		s.ready[0] = nil // the array lives on and would keep the queue
		s.ready = s.ready[1:]
		if s.slots.has(q.conversation.Channel) {
			q.ready = false
			return q
		}
		s.slots.putAside(q)
	}
	return nil
}

// startRow gives the conversation's lock and a slot of its channel to the head, a row.
func (s *Scheduler[T]) startRow(q *queue[T]) {
	s.slots.used[q.conversation.Channel]++
	q.startHead()
}

// await waits for the consumer's assignment. The element is the consumer's in the list.
func (s *Scheduler[T]) await(ctx context.Context, c *consumer[T], element *list.Element) (assignment[T], error) {
	select {
	case a := <-c.assigned:
		return a, nil
	case <-ctx.Done():
	case <-s.closed:
	}
	if s.removeConsumer(c, element) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return assignment[T]{}, s.waitError(ctx.Err())
	}
	return <-c.assigned, nil
}

// removeConsumer removes a consumer that was not chosen yet and reports whether it did.
func (s *Scheduler[T]) removeConsumer(c *consumer[T], element *list.Element) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.chosen {
		s.consumers.Remove(element)
	}
	return !c.chosen
}

// popConsumer chooses and removes the consumer that has waited longest; nil when none
// waits.
func (s *Scheduler[T]) popConsumer() *consumer[T] {
	first := s.consumers.Front()
	if first == nil {
		return nil
	}
	c := s.consumers.Remove(first).(*consumer[T])
	c.chosen = true
	return c
}

// assign claims the head of a queue for the consumer that has waited longest. When none
// waits, the queue is ready; when its channel has no free slot, it waits for one.
func (s *Scheduler[T]) assign(q *queue[T]) {
	s.readied++
	q.readied = s.readied
	if !s.slots.has(q.conversation.Channel) {
		q.ready = true
		s.slots.putAside(q)
		return
	}
	c := s.popConsumer()
	if c == nil {
		q.ready = true
		s.ready = append(s.ready, q)
		return
	}
	s.startRow(q)
	c.assigned <- assignment[T]{claimed: s.claim(q)}
}

// removeReady removes a queue from those that are ready.
func (s *Scheduler[T]) removeReady(q *queue[T]) {
	if q.ready {
		q.ready = false
		s.ready = slices.DeleteFunc(s.ready, func(o *queue[T]) bool { return o == q })
		s.slots.remove(q)
	}
}
