package scheduler

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Claimed is a claimed row.
type Claimed[T any] struct {
	journal.Claim
	Value T
	// Stored is when the row was stored, as in Row.
	Stored time.Time
	// Growing says that the row was growing when it was claimed.
	Growing bool
	// Doubtful is as in Row.
	Doubtful bool
	// Assigned says that the row was assigned while it was being stored, as
	// Entry.Assigned reported, so that its claim is stored already. It holds for the
	// first claim of a row alone.
	Assigned bool
}

// claims are those that are current.
type claims[T any] struct {
	// queues are those whose running entry is a claimed row, by the number of the row.
	queues map[int64]*queue[T]
	// token is the last that was given to a claim.
	token int64
}

func newClaims[T any](token int64) claims[T] {
	return claims[T]{queues: map[int64]*queue[T]{}, token: token}
}

// add claims the row that runs in the queue: it gets a new token.
func (cs *claims[T]) add(q *queue[T]) Claimed[T] {
	cs.token++
	q.running.token = cs.token
	row := &q.running.row
	cs.queues[row.Number] = q
	return Claimed[T]{
		Claim: journal.Claim{Row: row.Number, Token: cs.token}, Value: row.Value, Stored: row.Stored, Growing: row.Growing,
		Doubtful: row.Doubtful,
	}
}

// queue returns the queue in which the claim is current, nil when the claim was lost.
func (cs *claims[T]) queue(c journal.Claim) *queue[T] {
	if q := cs.queues[c.Row]; q != nil && q.running.token == c.Token {
		return q
	}
	return nil
}

// remove ends the claim of a row, if there is one.
func (cs *claims[T]) remove(row int64) { delete(cs.queues, row) }

// IsCurrent reports whether the claim is the current one of its row.
func (s *Scheduler[T]) IsCurrent(c journal.Claim) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claims.queue(c) != nil
}

// ConversationOf returns the conversation of a claim, if that is the current one of its row.
func (s *Scheduler[T]) ConversationOf(c journal.Claim) (of channels.Conversation, current bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.claims.queue(c)
	if q == nil {
		return of, false
	}
	return q.conversation, true
}

// Done ends a claim whose row was deleted: the next of its queue begins. A claim that is
// not current is ignored.
func (s *Scheduler[T]) Done(c journal.Claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.claims.queue(c)
	if q == nil {
		return
	}
	s.claims.remove(c.Row)
	s.stopRow(q)
	s.stored.remove(q.conversation.Channel, 1)
	s.dispatch(q)
}

// EndDoubt says that it is known what became of a claimed row: it is not doubtful any more.
func (s *Scheduler[T]) EndDoubt(c journal.Claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.claims.queue(c); q != nil {
		q.running.row.Doubtful = false
	}
}

// Retry ends a claim whose row stays first in its queue until it is due again. A claim
// that is not current is ignored.
func (s *Scheduler[T]) Retry(c journal.Claim, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.claims.queue(c)
	if q == nil {
		return
	}
	e := q.running
	s.claims.remove(c.Row)
	s.stopRow(q)
	e.row.Due = due
	if q.woken {
		e.row.Due = time.Time{}
	}
	q.requeue(e)
	s.dispatch(q)
}
