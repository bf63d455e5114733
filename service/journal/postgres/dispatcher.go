package postgres

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// The dispatcher hands the first rows of queues to consumers, the callers of Next or of
// NextPart. It works in three stages:
//
//  1. A conversation becomes ready when a transaction of this replica says that the first
//     row of its queue is due (Store.afterCommit), when a scan of the database finds it, or
//     when the timer of a later row fires.
//  2. Ready conversations are claimed in groups, no more than there are consumers, and of
//     each channel no more than it has free slots, by one operation of the writer. A part that
//     grows here needs no slot (growth.go).
//  3. In that transaction, with the conversations locked, it is decided who gets what. The
//     claims are handed to the consumers once the commit is durable.
//
// What the dispatcher has in memory are hints only, which may be wrong or missing: another
// replica may have claimed the row, or stored one that this one has not heard of. So stage
// 3 decides by what it reads under the lock, and scans make up for what was missed. A scan
// runs only while a consumer waits and something may have changed; a row of which no hint
// arrives is found within Options.Poll.

// maxReady is how many ready conversations of a channel are remembered, two transactions'
// worth. A scan finds the others again.
const maxReady = 2 * maxBatch

// dispatcher hands the rows of one table, the inbox or the outbox, to consumers.
type dispatcher[T any] struct {
	store *Store
	table table
	// queueOf returns the queue of the table in a conversation.
	queueOf func(*conversation) *queue
	// begin makes what a consumer gets of a row. It fails when the row can't be read.
	begin func(t *tx, r *row, isNew bool) (T, error)
	// setClaim puts the claim into what begin made.
	setClaim func(*T, journal.Claim)

	// mu guards what follows. Nothing is waited for and no other lock is taken while it
	// is held.
	mu        sync.Mutex
	consumers *list.List // of *consumer[T], the one that has waited longest first
	// slots say which rows may be handed out, and how many at once.
	slots slots
	// claims are the conversations of the claims that were handed out and not ended.
	claims map[journal.Claim]*handedOut
	ready  readyQueues
	// growing are conversations that are ready and whose first part grows here, which need no
	// slot.
	growing readyQueues
	// rescanWanted says that there may be ready conversations that are not in ready.
	rescanWanted bool
	// timer rescans at timerAt, when the next row is due; timerAt is zero when it is not set.
	timer   *time.Timer
	timerAt time.Time

	// wake is sent when there may be something to do.
	wake   signal
	closed chan struct{}
}

func newDispatcher[T any](s *Store, t table) *dispatcher[T] {
	return &dispatcher[T]{
		store: s, table: t, consumers: list.New(), claims: map[journal.Claim]*handedOut{},
		slots: newSlots(), ready: newReadyQueues(), growing: newReadyQueues(), rescanWanted: true,
		wake: newSignal(), closed: make(chan struct{}),
	}
}

// run hands out rows until the store closes. An error of the database goes to all
// consumers that wait, which call again after a pause of their own.
func (d *dispatcher[T]) run() {
	for {
		select {
		case <-d.wake:
		case <-d.closed:
			return
		}
		for more := true; more; {
			var err error
			if more, err = d.step(); err != nil {
				d.failAll(err)
				break
			}
		}
	}
}

// step claims what is ready, or else scans for it, and reports whether there was anything
// to do.
func (d *dispatcher[T]) step() (more bool, err error) {
	ready, consumers := d.takeReady()
	switch {
	case d.ended(context.Background()) != nil || consumers == 0 && len(ready) == 0:
		return false, nil
	case len(ready) > 0:
		return true, d.store.writer.commit(context.Background(), d.claiming(ready))
	case !d.takeRescan():
		return false, nil
	}
	return true, d.scan(consumers)
}

// scan looks in the database for conversations that are ready, and for when the next one
// will be. It asks for twice as many of each channel as there are consumers, since other
// replicas claim some of them meanwhile, and of no channel whose slots are all taken.
func (d *dispatcher[T]) scan(consumers int) error {
	ctx, cancel := context.WithTimeout(context.Background(), d.store.options.Timeout)
	defer cancel()
	limit := min(2*consumers, maxReady)
	found, err := d.readDue(ctx, limit)
	if err != nil {
		return fmt.Errorf("journal postgres: %w", err)
	}
	now := micro(d.store.now())
	due := map[string]int{}
	for _, q := range found {
		d.schedule(q.Conversation, q.due)
		if q.due > now {
			continue
		}
		if due[q.Channel]++; due[q.Channel] == limit { // there may be more
			d.mu.Lock()
			d.rescanWanted = true
			d.mu.Unlock()
		}
	}
	return errors.Join(d.scanGrowing(ctx), d.clamp(found))
}

// dueQueue is a conversation and when the first row of its queue is due.
type dueQueue struct {
	channels.Conversation
	due int64
	// postponed is that of the row, where it is due later.
	postponed int64
}

func (d *dispatcher[T]) readDue(ctx context.Context, limit int) ([]dueQueue, error) {
	d.mu.Lock()
	open := d.slots.scannable()
	d.mu.Unlock()
	args := []any{open, limit, micro(d.store.now())}
	if !d.table.isInbox { // parts whose reader is at another replica are left to it
		args = append(args, d.store.lease.replicaID())
	}
	rows, err := d.store.readPool.Query(ctx, d.table.due, args...)
	return collect(rows, err, func(r pgx.Rows, q *dueQueue) error {
		return r.Scan(text(&q.Channel), text(&q.Sender), &q.due, &q.postponed)
	})
}

// schedule says when the first row of a conversation's queue is due. It reports whether a
// consumer of this replica is there for it; else others should hear of the row.
func (d *dispatcher[T]) schedule(c channels.Conversation, due int64) (here bool) {
	return d.scheduleIn(&d.ready, c, due)
}

// scheduleIn is schedule for one of ready and growing.
func (d *dispatcher[T]) scheduleIn(ready *readyQueues, c channels.Conversation, due int64) (here bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.slots.isOpen(c.Channel):
		return false
	case due > micro(d.store.now()):
		d.setTimer(fromMicro(due))
		return true
	case !ready.add(c):
		d.rescanWanted = true
	}
	d.wake.send()
	return d.consumers.Len() > 0 && d.slots.free(c.Channel) > 0
}

// takeReady takes out conversations that may be ready, no more than there are consumers,
// and reports how many consumers wait. Half a batch leaves room in the transaction for the
// calls that come meanwhile.
func (d *dispatcher[T]) takeReady() (ready []channels.Conversation, consumers int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	consumers = d.consumers.Len()
	if d.slots.takeWanted(d.ready.hasOf) {
		d.rescanWanted = true
	}
	most := min(consumers, maxBatch/2)
	ready = d.growing.take(most, func(string) int { return most })
	return append(ready, d.ready.take(most-len(ready), d.slots.free)...), consumers
}

// takeRescan reports whether a scan is wanted, and that it is made now. Who wants one
// from then on gets another.
func (d *dispatcher[T]) takeRescan() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	wanted := d.rescanWanted
	d.rescanWanted = false
	return wanted
}

// rescan makes the dispatcher scan the database, since another replica, or a timer, may
// have made conversations ready.
func (d *dispatcher[T]) rescan() {
	d.mu.Lock()
	d.rescanWanted = true
	d.mu.Unlock()
	d.wake.send()
}

// setTimer makes the dispatcher scan once a row is due, unless it does so earlier. It is
// called with mu held.
func (d *dispatcher[T]) setTimer(at time.Time) {
	if d.ended(context.Background()) != nil || d.timer != nil && !d.timerAt.IsZero() && !at.Before(d.timerAt) {
		return
	}
	d.timerAt = at
	if d.timer == nil {
		d.timer = time.AfterFunc(at.Sub(d.store.now()), d.onTimer)
		return
	}
	d.timer.Reset(at.Sub(d.store.now()))
}

func (d *dispatcher[T]) onTimer() {
	d.mu.Lock()
	d.timerAt = time.Time{}
	d.mu.Unlock()
	d.rescan()
}

// setOpen names the channels whose rows may be handed out, and how many of each at once.
func (d *dispatcher[T]) setOpen(limits map[string]int) {
	d.mu.Lock()
	d.slots.open(limits)
	d.ready, d.growing = newReadyQueues(), newReadyQueues()
	d.mu.Unlock()
	d.rescan()
}

// release gives back the slot of a row whose claim ended or did not come about. It is
// called with mu held.
func (d *dispatcher[T]) release(channel string) {
	d.slots.release(channel)
	d.wake.send()
}

// ended returns why nothing is handed out any more: the store closed, or ctx ended.
func (d *dispatcher[T]) ended(ctx context.Context) error {
	select {
	case <-d.closed:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

// close ends every call of consume.
func (d *dispatcher[T]) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.closed)
	if d.timer != nil {
		d.timer.Stop()
	}
}
