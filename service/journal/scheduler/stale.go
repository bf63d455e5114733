package scheduler

import (
	"cmp"
	"slices"
	"time"
)

// Stale are rows that the store is about to give up for their age. Until Done or Return is
// called they keep their places and are given to nobody. One of both is called once.
type Stale[T any] struct {
	scheduler *Scheduler[T]
	entries   []*Entry[T]
}

// TakeStale takes up to limit rows that were stored longer ago than age, of whatever
// channel, and are not claimed. Those of one conversation are taken in their order.
func (s *Scheduler[T]) TakeStale(age time.Duration, limit int) *Stale[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	stale := &Stale[T]{scheduler: s}
	before := time.Now().Add(-age)
	if !s.stored.mayPrecede(before) || limit <= 0 {
		return stale
	}
	var oldest time.Time // of what is left
	for _, q := range s.queues {
		if q.running != nil && q.running.isStored() {
			oldest = earlier(oldest, q.running.row.Stored)
		}
		for _, e := range q.waiting {
			switch {
			case !e.isStored():
			case e.taken || !e.row.Stored.Before(before):
				oldest = earlier(oldest, e.row.Stored)
			case len(stale.entries) == limit: // the next call goes on here
				stale.hold()
				return stale
			default:
				stale.entries = append(stale.entries, e)
			}
		}
	}
	s.stored.oldest = oldest
	stale.hold()
	return stale
}

// hold marks the rows as taken, and removes the queues that they are first in from where
// those wait to be given out. Scheduler.mu is held.
func (st *Stale[T]) hold() {
	s := st.scheduler
	var held []*queue[T]
	for _, e := range st.entries {
		e.taken = true
		if q := s.queues[e.row.Conversation]; q.head() == e {
			s.delayed.remove(q)
			held = append(held, q)
		}
	}
	s.ready.removeAll(held)
	slices.SortFunc(st.entries, func(a, b *Entry[T]) int { return cmp.Compare(a.row.Position, b.row.Position) })
}

// Rows returns the rows, in the order of their positions.
func (st *Stale[T]) Rows() []Row[T] {
	rows := make([]Row[T], len(st.entries))
	for i, e := range st.entries {
		rows[i] = e.row
	}
	return rows
}

// Done says that the rows were deleted.
func (st *Stale[T]) Done() {
	s := st.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range st.entries {
		// Drop may have removed it.
		if q := s.queues[e.row.Conversation]; q != nil && q.remove(e) {
			s.stored.remove(e.row.Conversation.Channel, 1)
			s.dispatch(q)
		}
	}
}

// Return says that the rows are stored as before.
func (st *Stale[T]) Return() {
	s := st.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range st.entries {
		e.taken = false
		s.stored.oldest = earlier(s.stored.oldest, e.row.Stored)
	}
	for _, e := range st.entries {
		if q := s.queues[e.row.Conversation]; q != nil {
			s.dispatch(q)
		}
	}
}
