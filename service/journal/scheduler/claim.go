package scheduler

import (
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// Claimed is a claimed row.
type Claimed[T any] struct {
	journal.Claim
	Value T
	// Stored is when the row was stored, as in Row.
	Stored time.Time
	// Assigned says that the row was assigned while it was being stored, as
	// Entry.Assigned reported, so that its claim is stored already. It holds for the
	// first claim of a row alone.
	Assigned bool
}

// IsCurrent reports whether the claim is the current one of its row.
func (s *Scheduler[T]) IsCurrent(c journal.Claim) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queueWith(c) != nil
}

// Done ends a claim whose row was deleted: the next of its queue begins. A claim that is
// not current is ignored.
func (s *Scheduler[T]) Done(c journal.Claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.endClaim(c); q != nil {
		s.count(q.conversation, -1)
		s.dispatch(q)
	}
}

// Retry ends a claim whose row stays first in its queue until it is due again. A claim
// that is not current is ignored.
func (s *Scheduler[T]) Retry(c journal.Claim, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queueWith(c)
	if q == nil {
		return
	}
	e := q.running
	s.endClaim(c)
	e.row.Due = due
	if q.woken {
		e.row.Due = time.Time{}
	}
	q.requeue(e)
	s.dispatch(q)
}

// queueWith returns the queue in which the claim is current, nil when the claim was lost.
func (s *Scheduler[T]) queueWith(c journal.Claim) *queue[T] {
	if q := s.claimed[c.Row]; q != nil && q.running.token == c.Token {
		return q
	}
	return nil
}

// endClaim returns the queue in which the claim was current, nil when the claim was lost.
func (s *Scheduler[T]) endClaim(c journal.Claim) *queue[T] {
	q := s.queueWith(c)
	if q != nil {
		q.running = nil
		delete(s.claimed, c.Row)
		s.releaseSlot(q)
	}
	return q
}

// claim gives the row that runs in the queue a new token.
func (s *Scheduler[T]) claim(q *queue[T]) Claimed[T] {
	s.token++
	q.running.token = s.token
	row := &q.running.row
	s.claimed[row.Number] = q
	return Claimed[T]{Claim: journal.Claim{Row: row.Number, Token: s.token}, Value: row.Value, Stored: row.Stored}
}
