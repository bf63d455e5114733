package postgres

import (
	"container/list"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// mostReady is how many lines a queue remembers as ready; more are found again by
// looking.
const mostReady = 1_000

// queue gives the first rows of lines to those who wait for them. What it knows of the
// lines are hints: a claim is decided with the conversation locked.
type queue[T any] struct {
	table table
	// line is the queue's of a conversation.
	line func(*conversation) *line
	// begin makes what a taker gets of a row. It fails when the row can't be read.
	begin func(t *tx, r *row, isNew bool) (T, error)
	// set puts the claim into what begin made.
	set func(*T, journal.Claim)
	// replica returns the number that claims are valid with.
	replica func() int64

	mu     sync.Mutex
	takers *list.List // of *taker[T]
	// open holds the channels whose rows may be given; nil means all.
	open map[string]bool
	// held are the conversations of the claims that were given and not ended.
	held map[journal.Claim]channels.Conversation
	// ready are lines whose first row was due.
	ready []channels.Conversation
	known map[channels.Conversation]bool
	// stale says that there may be further ones.
	stale bool
	alarm *time.Timer
	rings time.Time
	// wake tells the dispatcher that there is something to do.
	wake   chan struct{}
	closed chan struct{}
}

// taker is a caller that waits for a row.
type taker[T any] struct {
	got chan offer[T]
	// chosen says that a row is being claimed for it.
	chosen bool
}

// offer is a row for a taker, or an error, or the news that its row was not claimed.
type offer[T any] struct {
	value T
	err   error
	again bool
}

func newQueue[T any](t table) *queue[T] {
	return &queue[T]{
		table: t, takers: list.New(), held: map[journal.Claim]channels.Conversation{},
		known: map[channels.Conversation]bool{}, stale: true,
		wake: make(chan struct{}, 1), closed: make(chan struct{}),
	}
}

// take waits for a row. It fails with ctx's error when ctx ends, unless a row is being
// claimed for it.
func (q *queue[T]) take(ctx context.Context) (T, error) {
	for {
		o := q.takeOnce(ctx)
		if !o.again {
			return o.value, o.err
		}
	}
}

func (q *queue[T]) takeOnce(ctx context.Context) offer[T] {
	t := &taker[T]{got: make(chan offer[T], 1)}
	q.mu.Lock()
	if err := q.refuse(ctx); err != nil {
		q.mu.Unlock()
		return offer[T]{err: err}
	}
	place := q.takers.PushBack(t)
	q.mu.Unlock()
	q.rouse()
	select {
	case o := <-t.got:
		return o
	case <-ctx.Done():
	case <-q.closed:
	}
	return q.withdraw(ctx, t, place)
}

func (q *queue[T]) withdraw(ctx context.Context, t *taker[T], place *list.Element) offer[T] {
	q.mu.Lock()
	if !t.chosen {
		q.takers.Remove(place)
		q.mu.Unlock()
		return offer[T]{err: q.refuse(ctx)}
	}
	q.mu.Unlock()
	return <-t.got
}

func (q *queue[T]) refuse(ctx context.Context) error {
	select {
	case <-q.closed:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.closed)
	if q.alarm != nil {
		q.alarm.Stop()
	}
}

// rouse wakes the dispatcher.
func (q *queue[T]) rouse() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// look makes the dispatcher look for lines that it does not know of.
func (q *queue[T]) look() {
	q.mu.Lock()
	q.stale = true
	q.mu.Unlock()
	q.rouse()
}

// setOpen names the channels whose rows may be given.
func (q *queue[T]) setOpen(names []string) {
	open := map[string]bool{}
	for _, name := range names {
		open[name] = true
	}
	q.mu.Lock()
	q.open = open
	q.ready, q.known = nil, map[channels.Conversation]bool{}
	q.mu.Unlock()
	q.look()
}

// opens reports whether rows of the channel may be given. It asks for the lock.
func (q *queue[T]) opens(channel string) bool { return q.open == nil || q.open[channel] }

// openColumn is nil when all channels are open.
func (q *queue[T]) openColumn() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open == nil {
		return nil
	}
	names := [][]byte{}
	for name := range q.open {
		names = append(names, []byte(name))
	}
	return names
}

// hint says when the first row of a line is due.
func (q *queue[T]) hint(c channels.Conversation, due int64) (here bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case !q.opens(c.Channel):
		return false
	case due > micro(time.Now()):
		q.setAlarm(fromMicro(due))
		return true
	case len(q.ready) >= mostReady:
		q.stale = true
	case !q.known[c]:
		q.known[c] = true
		q.ready = append(q.ready, c)
	}
	q.rouse()
	return q.takers.Len() > 0
}

// setAlarm makes the queue look once a row is due.
func (q *queue[T]) setAlarm(at time.Time) {
	if q.refuse(context.Background()) != nil || q.alarm != nil && !q.rings.IsZero() && !at.Before(q.rings) {
		return
	}
	q.rings = at
	if q.alarm == nil {
		q.alarm = time.AfterFunc(time.Until(at), q.ring)
		return
	}
	q.alarm.Reset(time.Until(at))
}

func (q *queue[T]) ring() {
	q.mu.Lock()
	q.rings = time.Time{}
	q.mu.Unlock()
	q.look()
}

// candidates takes out lines that may be ready, no more than there are takers, and
// reports how many takers wait.
func (q *queue[T]) candidates() (ready []channels.Conversation, takers int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	takers = q.takers.Len()
	n := min(takers, len(q.ready), most/2)
	ready = q.ready[:n:n]
	q.ready = q.ready[n:]
	for _, c := range ready {
		delete(q.known, c)
	}
	return ready, takers
}

// looks reports whether there may be lines that the queue does not know of, and says
// that it looks for them now.
func (q *queue[T]) looks() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := q.stale
	q.stale = false
	return was
}

// fail gives all takers that wait the error, and looks again for the next ones.
func (q *queue[T]) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stale = true
	for t := q.next(); t != nil; t = q.next() {
		t.got <- offer[T]{err: err}
	}
}

// next takes out the taker that has waited longest, nil when none waits.
func (q *queue[T]) next() *taker[T] {
	first := q.takers.Front()
	if first == nil {
		return nil
	}
	t := q.takers.Remove(first).(*taker[T])
	t.chosen = true
	return t
}

// choose returns who gets a row of the channel, nil when nobody may.
func (q *queue[T]) choose(channel string) *taker[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.opens(channel) || q.refuse(context.Background()) != nil {
		return nil
	}
	t := q.next()
	if t == nil {
		q.stale = true
	}
	return t
}

// restore lets a taker wait again whose row was not claimed.
func (q *queue[T]) restore(t *taker[T]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.got <- offer[T]{again: true}
	q.stale = true
}

// holder returns the conversation of a claim.
func (q *queue[T]) holder(c journal.Claim) (channels.Conversation, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at, held := q.held[c]
	return at, held
}

// drop forgets a claim that ended or was lost.
func (q *queue[T]) drop(c journal.Claim) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, c)
}

// dropOf forgets the claim of a conversation.
func (q *queue[T]) dropOf(at channels.Conversation) {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.held, func(_ journal.Claim, of channels.Conversation) bool { return of == at })
}

// dropAll forgets all claims.
func (q *queue[T]) dropAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = map[journal.Claim]channels.Conversation{}
	q.stale = true
}
