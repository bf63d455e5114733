package scheduler

import (
	"container/heap"
	"time"
)

// delayed is a heap of the queues whose head is due later, the earliest first.
type delayed[T any] struct{ queues []*queue[T] }

func (d *delayed[T]) add(q *queue[T]) { heap.Push(d, q) }

func (d *delayed[T]) remove(q *queue[T]) {
	if q.heapIndex >= 0 {
		heap.Remove(d, q.heapIndex)
	}
}

// earliest returns the queue that is due first, nil when there is none.
func (d *delayed[T]) earliest() *queue[T] {
	if len(d.queues) == 0 {
		return nil
	}
	return d.queues[0]
}

// Len is heap.Interface's, as are the further methods.
func (d *delayed[T]) Len() int { return len(d.queues) }

// Less orders by the time at which the head is due.
func (d *delayed[T]) Less(i, j int) bool {
	return d.queues[i].head().row.Due.Before(d.queues[j].head().row.Due)
}

// Swap keeps the index of both queues.
func (d *delayed[T]) Swap(i, j int) {
	d.queues[i], d.queues[j] = d.queues[j], d.queues[i]
	d.queues[i].heapIndex, d.queues[j].heapIndex = i, j
}

// Push adds a queue at the end.
func (d *delayed[T]) Push(x any) {
	q := x.(*queue[T])
	q.heapIndex = len(d.queues)
	d.queues = append(d.queues, q)
}

// Pop removes the queue at the end.
func (d *delayed[T]) Pop() any {
	last := len(d.queues) - 1
	q := d.queues[last]
	d.queues[last] = nil
	d.queues = d.queues[:last]
	q.heapIndex = -1
	return q
}

// setTimer has promoteDue called when the earliest of the delayed queues is due.
func (s *Scheduler[T]) setTimer() {
	q := s.delayed.earliest()
	switch {
	case q == nil || s.isClosed():
	case s.timer == nil:
		s.timer = time.AfterFunc(time.Until(q.head().row.Due), s.promoteDue)
	default:
		s.timer.Reset(time.Until(q.head().row.Due))
	}
}

// promoteDue dispatches the delayed queues that are due.
func (s *Scheduler[T]) promoteDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for q := s.delayed.earliest(); q != nil && time.Until(q.head().row.Due) <= 0; q = s.delayed.earliest() {
		s.dispatch(q)
	}
	s.setTimer()
}

var _ heap.Interface = (*delayed[any])(nil)
