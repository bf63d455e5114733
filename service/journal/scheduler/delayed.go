package scheduler

import (
	"container/heap"
	"time"
)

// delayed is a heap of the queues whose head is due later, the earliest first.
type delayed[T any] struct {
	queues []*queue[T]
	// timer calls promote, which takes Scheduler.mu, when the first of the queues is due.
	timer   *time.Timer
	promote func()
	stopped bool // the timer is not set any more
}

// add adds a queue whose head is due later.
func (d *delayed[T]) add(q *queue[T]) {
	heap.Push(d, q)
	d.setTimer()
}

func (d *delayed[T]) remove(q *queue[T]) {
	if q.heapIndex >= 0 {
		heap.Remove(d, q.heapIndex)
	}
}

// popDue removes and returns the queue that is due first, nil when none is due yet.
func (d *delayed[T]) popDue() *queue[T] {
	if len(d.queues) == 0 || time.Until(d.queues[0].head().row.Due) > 0 {
		return nil
	}
	return heap.Pop(d).(*queue[T])
}

// setTimer has promote called when the earliest of the queues is due.
func (d *delayed[T]) setTimer() {
	if len(d.queues) == 0 || d.stopped {
		return
	}
	wait := time.Until(d.queues[0].head().row.Due)
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.promote)
	} else {
		d.timer.Reset(wait)
	}
}

// stop ends the calls of promote; one may be under way.
func (d *delayed[T]) stop() {
	d.stopped = true
	if d.timer != nil {
		d.timer.Stop()
	}
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

var _ heap.Interface = (*delayed[any])(nil)
