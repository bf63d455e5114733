package scheduler

import (
	"math"

	"github.com/manyvox/manyvox/channels"
)

// Entry is what waits or runs in a queue: a row, or a caller of Acquire.
type Entry[T any] struct {
	row   Row[T]
	token int64
	// pending says that the row is being stored.
	pending bool
	// taken says that the row is being given up for its age: see TakeStale.
	taken bool
	// hasSlot says that the row, which is claimed or assigned, has a slot of its channel.
	hasSlot bool
	// consumer is the one that gets a pending row once it is stored; nil when none was
	// chosen.
	consumer *consumer[T]
	// acquired is closed when a caller of Acquire has the lock; nil for a row.
	acquired chan struct{}
}

// Assigned reports whether a consumer gets the row as soon as it is confirmed. The store
// then commits the row and its claim in one transaction.
func (e *Entry[T]) Assigned() bool { return e.consumer != nil }

// isStored reports whether the entry is a row that is stored.
func (e *Entry[T]) isStored() bool { return e.acquired == nil && !e.pending }

// position puts a row that has no number yet behind all others.
func (e *Entry[T]) position() int64 {
	if e.pending {
		return math.MaxInt64
	}
	return e.row.Position
}

// Stage adds an entry, at the end of the conversation's queue, for a row that is about to
// be stored. The store calls Confirm or Withdraw once it knows whether it was.
func (s *Scheduler[T]) Stage(c channels.Conversation) *Entry[T] { return s.stage(c, false) }

// StageGrowing is Stage for a row that is growing.
func (s *Scheduler[T]) StageGrowing(c channels.Conversation) *Entry[T] { return s.stage(c, true) }

func (s *Scheduler[T]) stage(c channels.Conversation, growing bool) *Entry[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues.of(c)
	first := q.isEmpty()
	e := &Entry[T]{row: Row[T]{Conversation: c, Growing: growing}, pending: true}
	q.push(e)
	if first {
		e.consumer = s.chooseConsumer(q)
	}
	return e
}

// Confirm says that the row of a staged entry was stored.
func (s *Scheduler[T]) Confirm(e *Entry[T], r Row[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.row, e.pending = r, false
	s.stored.add(r.Conversation.Channel, r.Stored)
	q := s.queues[r.Conversation]
	if c := e.consumer; c != nil {
		e.consumer = nil
		claimed := s.claims.add(q)
		claimed.Assigned = true
		c.assigned <- assignment[T]{claimed: claimed}
		return
	}
	s.dispatch(q)
}

// Withdraw removes a staged entry whose row was not stored.
func (s *Scheduler[T]) Withdraw(e *Entry[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[e.row.Conversation]
	if c := e.consumer; c != nil {
		s.stopRow(q)
		c.assigned <- assignment[T]{withdrawn: true}
	} else {
		q.remove(e)
	}
	s.dispatch(q)
}

// Add puts a stored row at the end of its queue.
func (s *Scheduler[T]) Add(r Row[T]) { s.Confirm(s.stage(r.Conversation, r.Growing), r) }

// Replay puts a stored row, which was first in its queue once, before all that wait there.
// Rows that were replayed stand in the order of their positions.
func (s *Scheduler[T]) Replay(r Row[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored.add(r.Conversation.Channel, r.Stored)
	q := s.queues.of(r.Conversation)
	s.delayed.remove(q)
	q.requeue(&Entry[T]{row: r})
	s.dispatch(q)
}
