package scheduler

import "github.com/manyvox/manyvox/channels"

// A growing row is one that its store still adds to. It waits in its queue like any other,
// and is claimed without a slot: whoever claims it works on it from time to time only, and
// counts that itself.

// Growing returns the numbers of the conversation's growing rows, claimed ones included.
func (s *Scheduler[T]) Growing(c channels.Conversation) (numbers []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	if q == nil {
		return nil
	}
	q.eachGrowing(func(r *Row[T]) { numbers = append(numbers, r.Number) })
	return numbers
}

// EndGrowth says that a row grows no more: from now on it needs a slot. If it is claimed,
// that claim goes on without one.
func (s *Scheduler[T]) EndGrowth(c channels.Conversation, number int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	if q == nil {
		return
	}
	q.eachGrowing(func(r *Row[T]) { r.Growing = r.Growing && r.Number != number })
}

// eachGrowing calls f with each growing row that is stored.
func (q *queue[T]) eachGrowing(f func(*Row[T])) {
	if e := q.running; e != nil && e.isStored() && e.row.Growing {
		f(&e.row)
	}
	for _, e := range q.waiting {
		if e.isStored() && e.row.Growing {
			f(&e.row)
		}
	}
}
