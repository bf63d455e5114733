package scheduler

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// queue is the queue of one conversation.
type queue[T any] struct {
	conversation channels.Conversation
	// running is the entry that has the conversation's lock: a row that is claimed or
	// assigned, or a caller of Acquire. It is no longer among those that wait.
	running *Entry[T]
	waiting []*Entry[T]
	// callers is how many of those that wait are callers of Acquire.
	callers int
	// ready says that the queue is in Scheduler.ready.
	ready bool
	// readied is a number that rises with each queue that becomes ready.
	readied int64
	// woken says that the running row is due at once when Retry returns it.
	woken bool
	// heapIndex is the queue's index in the heap of delayed queues, -1 when it is not there.
	heapIndex int
}

// queues are those of all conversations that have an entry.
type queues[T any] map[channels.Conversation]*queue[T]

// of returns the conversation's queue. It makes one when there is none.
func (qs queues[T]) of(c channels.Conversation) *queue[T] {
	q := qs[c]
	if q == nil {
		q = &queue[T]{conversation: c, heapIndex: -1}
		qs[c] = q
	}
	return q
}

// head returns the first entry that waits, nil when none does.
func (q *queue[T]) head() *Entry[T] {
	if len(q.waiting) == 0 {
		return nil
	}
	return q.waiting[0]
}

func (q *queue[T]) isEmpty() bool { return q.running == nil && len(q.waiting) == 0 }

// push adds an entry at the end.
func (q *queue[T]) push(e *Entry[T]) {
	q.waiting = append(q.waiting, e)
	if e.acquired != nil {
		q.callers++
	}
}

// requeue adds a row that was first before: in the order of positions, and before all
// callers of Acquire.
func (q *queue[T]) requeue(e *Entry[T]) {
	at := slices.IndexFunc(q.waiting, func(o *Entry[T]) bool {
		return o.acquired != nil || o.position() > e.row.Position
	})
	if at < 0 {
		at = len(q.waiting)
	}
	q.waiting = slices.Insert(q.waiting, at, e)
}

// startHead gives the conversation's lock to the head and returns it. A row is started by
// startRow, which takes a slot of its channel, too.
func (q *queue[T]) startHead() *Entry[T] {
	q.running, q.woken = q.waiting[0], false
	q.remove(q.running)
	return q.running
}

// remove removes an entry that waits and reports whether it did.
func (q *queue[T]) remove(e *Entry[T]) bool {
	at := slices.Index(q.waiting, e)
	if at < 0 {
		return false
	}
	if e.acquired != nil {
		q.callers--
	}
	if at == 0 {
		q.waiting[0] = nil // the array lives on and would keep the entry
		q.waiting = q.waiting[1:]
	} else {
		q.waiting = slices.Delete(q.waiting, at, at+1)
	}
	return true
}
