package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// run gives rows to takers until the store closes.
func run[T any](s *Store, q *dispatcher[T]) {
	for {
		select {
		case <-q.wake:
		case <-q.closed:
			return
		}
		for more := true; more; {
			var err error
			if more, err = step(s, q); err != nil {
				q.failAll(err)
				break
			}
		}
	}
}

// step claims what is ready, or else looks for it, and reports whether there was
// anything to do.
func step[T any](s *Store, q *dispatcher[T]) (more bool, err error) {
	ready, consumers := q.takeReady()
	switch {
	case q.ended(context.Background()) != nil || consumers == 0 && len(ready) == 0:
		return false, nil
	case len(ready) > 0:
		return true, s.writer.commit(context.Background(), q.claiming(ready))
	case !q.takeRescan():
		return false, nil
	}
	if err := scan(s, q, consumers); err != nil {
		return true, err
	}
	return true, nil
}

// scan looks for lines that are ready, and for when the next one will be.
func scan[T any](s *Store, q *dispatcher[T], consumers int) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	limit := min(2*consumers, maxReady)
	found, err := q.readDue(ctx, s.readPool, limit)
	if err != nil {
		return fmt.Errorf("journal postgres: %w", err)
	}
	now := micro(time.Now())
	due := 0
	for _, h := range found {
		q.schedule(h.Conversation, h.due)
		if h.due <= now {
			due++
		}
	}
	if due == limit {
		q.mu.Lock()
		q.rescanWanted = true
		q.mu.Unlock()
	}
	return nil
}

// dueQueue says when a line is due.
type dueQueue struct {
	channels.Conversation
	due int64
}

func (q *dispatcher[T]) readDue(ctx context.Context, db *pgxpool.Pool, limit int) ([]dueQueue, error) {
	args := []any{q.openColumn(), limit}
	if !q.table.isInbox {
		args = append(args, q.replica())
	}
	rows, err := db.Query(ctx, q.table.due, args...)
	return collect(rows, err, func(r pgx.Rows, h *dueQueue) error {
		var channel, sender []byte
		err := r.Scan(&channel, &sender, &h.due)
		h.Channel, h.Sender = string(channel), string(sender)
		return err
	})
}

// claiming returns the operation that claims the first rows of lines.
func (q *dispatcher[T]) claiming(ready []channels.Conversation) *operation {
	o := &operation{needs: needs{conversations: ready, waiters: ready, numbers: len(ready)}}
	if q.table.isInbox {
		o.messages = ready
	} else {
		o.parts = ready
	}
	o.apply = func(t *tx) error {
		for _, c := range ready {
			q.claimFirst(t, t.conversations[c])
		}
		return nil
	}
	return o
}

// claimFirst claims the first row of a line if that may be.
func (q *dispatcher[T]) claimFirst(t *tx, c *conversation) {
	ln := q.queueOf(c)
	first, waiting := t.firstMessages[c.Conversation], t.firstWaiters[c.Conversation]
	if !q.table.isInbox {
		first, waiting = t.firstParts[c.Conversation], nil
	}
	switch {
	case first == nil || ln.row != 0 || ln.headChanged: // who stirs it hints again
	case waiting != nil && waiting.row < first.position:
	case first.due > micro(t.now):
		q.schedule(c.Conversation, first.due)
	default:
		q.claim(t, c, first, false)
	}
}

// claim gives a row, which is first in its line, to a taker. One that is new is written
// with its claim.
func (q *dispatcher[T]) claim(t *tx, c *conversation, r *row, isNew bool) {
	if !q.table.isInbox && c.readerElsewhere(t.replica) {
		return
	}
	consumer := q.consumerFor(c.Channel)
	if consumer == nil {
		return
	}
	value, err := q.begin(t, r, isNew)
	if err != nil {
		if !isNew { // who claims it next buries it
			q.quarantine(t, c, r, err)
		}
		t.onCommit(func() { q.requeue(consumer) })
		t.onFailure(func() { q.requeue(consumer) })
		return
	}
	token := t.number()
	c.claim(q.queueOf(c), r.number, token, t.replica)
	claim := journal.Claim{Row: r.number, Token: token}
	q.setClaim(&value, claim)
	t.onFailure(func() { q.requeue(consumer) })
	t.onCommit(func() {
		if q.replica() != t.replica { // it was lost before it was known
			q.requeue(consumer)
			return
		}
		q.mu.Lock()
		q.claims[claim] = c.Conversation
		q.mu.Unlock()
		consumer.got <- assignment[T]{value: value}
	})
}

func (q *dispatcher[T]) writesOf(t *tx) *writes {
	if q.table.isInbox {
		return &t.inbox
	}
	return &t.outbox
}

// quarantine makes a row that can't be read a dead letter; the next of the line is first.
func (q *dispatcher[T]) quarantine(t *tx, c *conversation, r *row, cause error) {
	w := q.writesOf(t)
	w.deadLetters = append(w.deadLetters, deadLetter{t.number(), r.number, journal.KindUnreadable, cause.Error()})
	w.removed = append(w.removed, r.number)
	q.queueOf(c).headChanged, c.changed = true, true
}
