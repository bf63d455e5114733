package scheduler

import (
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Scheduler schedules the rows of one table. Its memory grows with the rows that wait or
// are claimed, not with the conversations it has seen: a queue that is empty is deleted.
// Its methods may be called concurrently.
type Scheduler[T any] struct {
	// mu guards all fields but closed, with everything that they hold: the exported
	// methods, those of caller and the timer of delayed take it, and the methods of the
	// fields' types are called with it held.
	mu        sync.Mutex
	queues    queues[T]
	claims    claims[T]
	stored    storedRows
	slots     *slots
	ready     readyQueues[T]
	consumers consumers[T]
	delayed   delayed[T]
	closed    closeSignal
}

// New returns a scheduler without rows. The tokens of its claims are above token.
func New[T any](token int64) *Scheduler[T] {
	slots := newSlots()
	s := &Scheduler[T]{
		queues: queues[T]{}, claims: newClaims[T](token), stored: storedRows{counts: map[string]int{}},
		slots: slots, ready: newReadyQueues[T](slots), closed: make(closeSignal),
	}
	s.delayed.promote = s.promoteDue
	return s
}

// Open names the channels whose rows may be claimed, and how many rows of each may be
// claimed at once. Before the first call all may, without a limit; nil names none. Each
// call replaces the list; claims that are in force stay.
func (s *Scheduler[T]) Open(limits map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots.setLimits(limits)
	for _, q := range s.ready.takeAll() { // first, so that they keep their order
		s.dispatch(q)
	}
	for _, q := range s.queues {
		s.dispatch(q)
	}
}

// Wake makes the conversation's first row due, if there is one. If that row is claimed, it
// is due as soon as Retry returns it to the queue: the reader may have come back while an
// attempt was failing because the reader was away.
func (s *Scheduler[T]) Wake(c channels.Conversation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	switch {
	case q == nil:
	case q.running != nil:
		q.woken = true
	case q.head() != nil:
		s.delayed.remove(q)
		q.head().row.Due = time.Time{}
		s.dispatch(q)
	}
}

// Drop removes the conversation's stored rows; claims of them are lost. Callers of Acquire
// and rows that are being stored stay. It returns how many rows it removed.
func (s *Scheduler[T]) Drop(c channels.Conversation) (dropped int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	if q == nil {
		return 0
	}
	s.delayed.remove(q)
	if e := q.running; e != nil && e.isStored() {
		s.claims.remove(e.row.Number)
		s.stopRow(q)
		dropped++
	}
	waiting := len(q.waiting)
	q.waiting = slices.DeleteFunc(q.waiting, (*Entry[T]).isStored)
	dropped += waiting - len(q.waiting)
	s.stored.remove(c.Channel, dropped)
	s.ready.remove(q)
	s.dispatch(q)
	return dropped
}

// Queued returns how many rows of the conversation are stored, claimed ones included. It
// counts no further than limit.
func (s *Scheduler[T]) Queued(c channels.Conversation, limit int) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	if q == nil {
		return 0
	}
	if q.running != nil && q.running.isStored() {
		n++
	}
	for _, e := range q.waiting {
		if n >= limit {
			break
		}
		if e.isStored() {
			n++
		}
	}
	return min(n, limit)
}

// Close ends every call that waits with journal.ErrClosed. It may be called again.
func (s *Scheduler[T]) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.isClosed() {
		return
	}
	close(s.closed)
	s.delayed.stop()
}

// dispatch must be called whenever the head of a queue, or what runs in it, has changed:
// it starts the head, or puts the queue where it waits for that.
func (s *Scheduler[T]) dispatch(q *queue[T]) {
	s.delayed.remove(q)
	head := q.head()
	switch {
	case q.running != nil || q.ready:
	case head == nil:
		delete(s.queues, q.conversation)
	case head.acquired != nil:
		close(q.startHead().acquired)
	case head.pending || head.taken || !s.slots.isOpen(q.conversation.Channel): // what ends that calls dispatch again
	case time.Until(head.row.Due) > 0:
		s.delayed.add(q)
	default:
		c := s.chooseConsumer(q)
		if c == nil {
			s.ready.add(q)
			return
		}
		c.assigned <- assignment[T]{claimed: s.claims.add(q)}
	}
}

// startRow gives the conversation's lock to the head, a row, with a slot of its channel
// unless it is growing.
func (s *Scheduler[T]) startRow(q *queue[T]) {
	e := q.startHead()
	if e.hasSlot = !e.row.Growing; e.hasSlot {
		s.slots.take(q.conversation.Channel)
	}
}

// stopRow takes the conversation's lock and the slot of its channel, if it has one, from the
// row that runs in the queue, and dispatches the queue that waited for the slot. The row's own
// queue must be dispatched after it.
func (s *Scheduler[T]) stopRow(q *queue[T]) {
	e := q.running
	q.running = nil
	if !e.hasSlot {
		return
	}
	e.hasSlot = false
	channel := q.conversation.Channel
	s.slots.release(channel)
	if next := s.ready.popFull(channel); next != nil {
		s.dispatch(next)
	}
}

// promoteDue dispatches the delayed queues that are due.
func (s *Scheduler[T]) promoteDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for q := s.delayed.popDue(); q != nil; q = s.delayed.popDue() {
		s.dispatch(q)
	}
	s.delayed.setTimer()
}

// Numbers returns the numbers of the conversation's stored rows, claimed ones included.
func (s *Scheduler[T]) Numbers(c channels.Conversation) (numbers []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[c]
	if q == nil {
		return nil
	}
	if q.running != nil && q.running.isStored() {
		numbers = append(numbers, q.running.row.Number)
	}
	for _, e := range q.waiting {
		if e.isStored() {
			numbers = append(numbers, e.row.Number)
		}
	}
	return numbers
}
