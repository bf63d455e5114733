package scheduler

import (
	"container/list"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Scheduler schedules the rows of one table. Its memory grows with the rows that wait or
// are claimed, not with the conversations it has seen: a queue that is empty is deleted.
// Its methods may be called concurrently.
type Scheduler[T any] struct {
	mu      sync.Mutex
	queues  map[channels.Conversation]*queue[T]
	claimed map[int64]*queue[T] // by the number of the row that is claimed
	// stored is how many rows each channel has, claimed ones included.
	stored map[string]int
	// oldest is a time before which no row was stored; zero when there is no row.
	oldest time.Time
	// token is the last that was given to a claim.
	token int64
	slots slots[T]

	// ready are the queues whose head may be claimed, in the order in which they became
	// ready. While there is one, no consumer waits.
	ready     []*queue[T]
	readied   int64
	consumers *list.List
	delayed   delayed[T]
	// timer calls promoteDue when the first of the delayed queues is due.
	timer  *time.Timer
	closed chan struct{}
}

// New returns a scheduler without rows. The tokens of its claims are above token.
func New[T any](token int64) *Scheduler[T] {
	return &Scheduler[T]{
		queues: map[channels.Conversation]*queue[T]{}, claimed: map[int64]*queue[T]{},
		stored: map[string]int{}, token: token, consumers: list.New(), closed: make(chan struct{}), slots: newSlots[T](),
	}
}

// Open names the channels whose rows may be claimed, and how many rows of each may be
// claimed at once. Before the first call all may, without a limit; nil names none. Each
// call replaces the list; claims that are in force stay.
func (s *Scheduler[T]) Open(limits map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots.setLimits(limits)
	ready := s.slots.takeFull(s.ready)
	s.ready = nil
	for _, q := range ready {
		q.ready = false
	}
	for _, q := range ready { // first, so that they keep their order
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
		q.running = nil
		delete(s.claimed, e.row.Number)
		s.releaseSlot(q)
		dropped++
	}
	waiting := len(q.waiting)
	q.waiting = slices.DeleteFunc(q.waiting, (*Entry[T]).isStored)
	dropped += waiting - len(q.waiting)
	s.count(c, -dropped)
	s.removeReady(q)
	s.dispatch(q)
	return dropped
}

// Len returns how many rows are stored, claimed ones included.
func (s *Scheduler[T]) Len() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stored := range s.stored {
		n += stored
	}
	return n
}

// Stored returns how many rows each channel has, claimed ones included. Channels without
// rows are left out.
func (s *Scheduler[T]) Stored() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.stored)
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

// count adds n to the number of rows of the conversation's channel.
func (s *Scheduler[T]) count(c channels.Conversation, n int) {
	if s.stored[c.Channel] += n; s.stored[c.Channel] == 0 {
		delete(s.stored, c.Channel)
	}
}

// Close ends every call that waits with journal.ErrClosed. It may be called again.
func (s *Scheduler[T]) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return
	}
	close(s.closed)
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *Scheduler[T]) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// waitError returns why a call may not wait: the scheduler is closed, or the error of its
// context, which the caller passes.
func (s *Scheduler[T]) waitError(ofContext error) error {
	if s.isClosed() {
		return journal.ErrClosed
	}
	return ofContext
}

// isOpen reports whether the queue's channel is one whose rows may be claimed.
func (s *Scheduler[T]) isOpen(q *queue[T]) bool {
	return s.slots.isOpen(q.conversation.Channel)
}

// queueOf returns the conversation's queue. It makes one when there is none.
func (s *Scheduler[T]) queueOf(c channels.Conversation) *queue[T] {
	q := s.queues[c]
	if q == nil {
		q = &queue[T]{conversation: c, heapIndex: -1}
		s.queues[c] = q
	}
	return q
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
	case head.pending || head.taken || !s.isOpen(q): // what ends that calls dispatch again
	case time.Until(head.row.Due) > 0:
		s.delayed.add(q)
		s.setTimer()
	default:
		s.assign(q)
	}
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
