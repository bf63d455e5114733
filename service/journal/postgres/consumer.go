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

// maxReady is how many lines a queue remembers as ready; more are found again by
// looking.
const maxReady = 1_000

// dispatcher gives the first rows of lines to those who wait for them. What it knows of the
// lines are hints: a claim is decided with the conversation locked.
type dispatcher[T any] struct {
	table table
	// queueOf is the queue's of a conversation.
	queueOf func(*conversation) *queue
	// begin makes what a taker gets of a row. It fails when the row can't be read.
	begin func(t *tx, r *row, isNew bool) (T, error)
	// setClaim puts the claim into what begin made.
	setClaim func(*T, journal.Claim)
	// replica returns the number that claims are valid with.
	replica func() int64

	mu        sync.Mutex
	consumers *list.List // of *taker[T]
	// open holds the channels whose rows may be given; nil means all.
	open map[string]bool
	// claims are the conversations of the claims that were given and not ended.
	claims map[journal.Claim]channels.Conversation
	// ready are lines whose first row was due.
	ready   []channels.Conversation
	isReady map[channels.Conversation]bool
	// rescanWanted says that there may be further ones.
	rescanWanted bool
	timer        *time.Timer
	timerAt      time.Time
	// wake tells the dispatcher that there is something to do.
	wake   chan struct{}
	closed chan struct{}
}

// consumer is a caller that waits for a row.
type consumer[T any] struct {
	got chan assignment[T]
	// chosen says that a row is being claimed for it.
	chosen bool
}

// assignment is a row for a taker, or an error, or the news that its row was not claimed.
type assignment[T any] struct {
	value T
	err   error
	again bool
}

func newDispatcher[T any](t table) *dispatcher[T] {
	return &dispatcher[T]{
		table: t, consumers: list.New(), claims: map[journal.Claim]channels.Conversation{},
		isReady: map[channels.Conversation]bool{}, rescanWanted: true,
		wake: make(chan struct{}, 1), closed: make(chan struct{}),
	}
}

// consume waits for a row. It fails with ctx's error when ctx ends, unless a row is being
// claimed for it.
func (q *dispatcher[T]) consume(ctx context.Context) (T, error) {
	for {
		o := q.consumeOnce(ctx)
		if !o.again {
			return o.value, o.err
		}
	}
}

func (q *dispatcher[T]) consumeOnce(ctx context.Context) assignment[T] {
	t := &consumer[T]{got: make(chan assignment[T], 1)}
	q.mu.Lock()
	if err := q.ended(ctx); err != nil {
		q.mu.Unlock()
		return assignment[T]{err: err}
	}
	place := q.consumers.PushBack(t)
	q.mu.Unlock()
	q.signal()
	select {
	case o := <-t.got:
		return o
	case <-ctx.Done():
	case <-q.closed:
	}
	return q.withdraw(ctx, t, place)
}

func (q *dispatcher[T]) withdraw(ctx context.Context, t *consumer[T], place *list.Element) assignment[T] {
	q.mu.Lock()
	if !t.chosen {
		q.consumers.Remove(place)
		q.mu.Unlock()
		return assignment[T]{err: q.ended(ctx)}
	}
	q.mu.Unlock()
	return <-t.got
}

func (q *dispatcher[T]) ended(ctx context.Context) error {
	select {
	case <-q.closed:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

func (q *dispatcher[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.closed)
	if q.timer != nil {
		q.timer.Stop()
	}
}

// signal wakes the dispatcher.
func (q *dispatcher[T]) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// rescan makes the dispatcher look for lines that it does not know of.
func (q *dispatcher[T]) rescan() {
	q.mu.Lock()
	q.rescanWanted = true
	q.mu.Unlock()
	q.signal()
}

// setOpen names the channels whose rows may be given.
func (q *dispatcher[T]) setOpen(names []string) {
	open := map[string]bool{}
	for _, name := range names {
		open[name] = true
	}
	q.mu.Lock()
	q.open = open
	q.ready, q.isReady = nil, map[channels.Conversation]bool{}
	q.mu.Unlock()
	q.rescan()
}

// isOpen reports whether rows of the channel may be given. It asks for the lock.
func (q *dispatcher[T]) isOpen(channel string) bool { return q.open == nil || q.open[channel] }

// openColumn is nil when all channels are open.
func (q *dispatcher[T]) openColumn() [][]byte {
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

// schedule says when the first row of a line is due.
func (q *dispatcher[T]) schedule(c channels.Conversation, due int64) (here bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case !q.isOpen(c.Channel):
		return false
	case due > micro(time.Now()):
		q.setTimer(fromMicro(due))
		return true
	case len(q.ready) >= maxReady:
		q.rescanWanted = true
	case !q.isReady[c]:
		q.isReady[c] = true
		q.ready = append(q.ready, c)
	}
	q.signal()
	return q.consumers.Len() > 0
}

// setTimer makes the queue look once a row is due.
func (q *dispatcher[T]) setTimer(at time.Time) {
	if q.ended(context.Background()) != nil || q.timer != nil && !q.timerAt.IsZero() && !at.Before(q.timerAt) {
		return
	}
	q.timerAt = at
	if q.timer == nil {
		q.timer = time.AfterFunc(time.Until(at), q.onTimer)
		return
	}
	q.timer.Reset(time.Until(at))
}

func (q *dispatcher[T]) onTimer() {
	q.mu.Lock()
	q.timerAt = time.Time{}
	q.mu.Unlock()
	q.rescan()
}

// takeReady takes out lines that may be ready, no more than there are takers, and
// reports how many takers wait.
func (q *dispatcher[T]) takeReady() (ready []channels.Conversation, consumers int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	consumers = q.consumers.Len()
	n := min(consumers, len(q.ready), maxBatch/2)
	ready = q.ready[:n:n]
	q.ready = q.ready[n:]
	for _, c := range ready {
		delete(q.isReady, c)
	}
	return ready, consumers
}

// takeRescan reports whether there may be lines that the queue does not know of, and says
// that it looks for them now.
func (q *dispatcher[T]) takeRescan() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := q.rescanWanted
	q.rescanWanted = false
	return was
}

// failAll gives all takers that wait the error, and looks again for the next ones.
func (q *dispatcher[T]) failAll(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rescanWanted = true
	for t := q.popConsumer(); t != nil; t = q.popConsumer() {
		t.got <- assignment[T]{err: err}
	}
}

// popConsumer takes out the taker that has waited longest, nil when none waits.
func (q *dispatcher[T]) popConsumer() *consumer[T] {
	first := q.consumers.Front()
	if first == nil {
		return nil
	}
	t := q.consumers.Remove(first).(*consumer[T])
	t.chosen = true
	return t
}

// consumerFor returns who gets a row of the channel, nil when nobody may.
func (q *dispatcher[T]) consumerFor(channel string) *consumer[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.isOpen(channel) || q.ended(context.Background()) != nil {
		return nil
	}
	t := q.popConsumer()
	if t == nil {
		q.rescanWanted = true
	}
	return t
}

// requeue lets a taker wait again whose row was not claimed.
func (q *dispatcher[T]) requeue(t *consumer[T]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.got <- assignment[T]{again: true}
	q.rescanWanted = true
}

// conversationOf returns the conversation of a claim.
func (q *dispatcher[T]) conversationOf(c journal.Claim) (channels.Conversation, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at, held := q.claims[c]
	return at, held
}

// forget forgets a claim that ended or was lost.
func (q *dispatcher[T]) forget(c journal.Claim) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.claims, c)
}

// forgetOf forgets the claim of a conversation.
func (q *dispatcher[T]) forgetOf(at channels.Conversation) {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.claims, func(_ journal.Claim, of channels.Conversation) bool { return of == at })
}

// forgetAll forgets all claims.
func (q *dispatcher[T]) forgetAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims = map[journal.Claim]channels.Conversation{}
	q.rescanWanted = true
}
