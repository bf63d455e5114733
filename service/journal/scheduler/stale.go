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
	if s.oldest.IsZero() || !s.oldest.Before(before) || limit <= 0 {
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
				s.takeAll(stale.entries)
				return stale
			default:
				stale.entries = append(stale.entries, e)
			}
		}
	}
	s.oldest = oldest
	s.takeAll(stale.entries)
	return stale
}

// earlier returns the earlier of two times, of which a may be zero for none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// takeAll marks entries as taken, and takes the queues that they are first in from where
// those wait to be given out.
func (s *Scheduler[T]) takeAll(entries []*Entry[T]) {
	unready := false
	for _, e := range entries {
		e.taken = true
	}
	for _, e := range entries {
		q := s.queues[e.row.Conversation]
		if q.head() != e {
			continue
		}
		s.delayed.remove(q)
		unready = unready || q.ready
		q.ready = false
	}
	if unready { // in one pass, since there may be as many queues as rows
		isUnready := func(q *queue[T]) bool { return !q.ready }
		s.ready = slices.DeleteFunc(s.ready, isUnready)
		s.slots.removeAll(isUnready)
	}
	slices.SortFunc(entries, func(a, b *Entry[T]) int { return cmp.Compare(a.row.Position, b.row.Position) })
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
			s.count(e.row.Conversation, -1)
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
		s.oldest = earlier(s.oldest, e.row.Stored)
	}
	for _, e := range st.entries {
		if q := s.queues[e.row.Conversation]; q != nil {
			s.dispatch(q)
		}
	}
}
