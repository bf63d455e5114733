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

// dispatch gives rows to takers until the store closes.
func dispatch[T any](s *Store, q *queue[T]) {
	for {
		select {
		case <-q.wake:
		case <-q.closed:
			return
		}
		for more := true; more; {
			var err error
			if more, err = serve(s, q); err != nil {
				q.fail(err)
				break
			}
		}
	}
}

// serve claims what is ready, or else looks for it, and reports whether there was
// anything to do.
func serve[T any](s *Store, q *queue[T]) (more bool, err error) {
	ready, takers := q.candidates()
	switch {
	case q.refuse(context.Background()) != nil || takers == 0 && len(ready) == 0:
		return false, nil
	case len(ready) > 0:
		return true, s.writer.do(context.Background(), q.claiming(ready))
	case !q.looks():
		return false, nil
	}
	if err := search(s, q, takers); err != nil {
		return true, err
	}
	return true, nil
}

// search looks for lines that are ready, and for when the next one will be.
func search[T any](s *Store, q *queue[T], takers int) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Patience)
	defer cancel()
	limit := min(2*takers, mostReady)
	found, err := q.readHints(ctx, s.db, limit)
	if err != nil {
		return fmt.Errorf("journal postgres: %w", err)
	}
	now := micro(time.Now())
	due := 0
	for _, h := range found {
		q.hint(h.Conversation, h.due)
		if h.due <= now {
			due++
		}
	}
	if due == limit {
		q.mu.Lock()
		q.stale = true
		q.mu.Unlock()
	}
	return nil
}

// hint says when a line is due.
type hint struct {
	channels.Conversation
	due int64
}

func (q *queue[T]) readHints(ctx context.Context, db *pgxpool.Pool, limit int) ([]hint, error) {
	args := []any{q.openColumn(), limit}
	if !q.table.isInbox {
		args = append(args, q.replica())
	}
	rows, err := db.Query(ctx, q.table.ready, args...)
	return collect(rows, err, func(r pgx.Rows, h *hint) error {
		var channel, sender []byte
		err := r.Scan(&channel, &sender, &h.due)
		h.Channel, h.Sender = string(channel), string(sender)
		return err
	})
}

// claiming returns the operation that claims the first rows of lines.
func (q *queue[T]) claiming(ready []channels.Conversation) *operation {
	o := &operation{needs: needs{conversations: ready, callers: ready, numbers: len(ready)}}
	if q.table.isInbox {
		o.turns = ready
	} else {
		o.parts = ready
	}
	o.run = func(t *tx) error {
		for _, c := range ready {
			q.claimFirst(t, t.conversations[c])
		}
		return nil
	}
	return o
}

// claimFirst claims the first row of a line if that may be.
func (q *queue[T]) claimFirst(t *tx, c *conversation) {
	ln := q.line(c)
	first, waiting := t.turns[c.Conversation], t.callers[c.Conversation]
	if !q.table.isInbox {
		first, waiting = t.parts[c.Conversation], nil
	}
	switch {
	case first == nil || ln.row != 0 || ln.stirred: // who stirs it hints again
	case waiting != nil && waiting.row < first.position:
	case first.due > micro(t.now):
		q.hint(c.Conversation, first.due)
	default:
		q.claim(t, c, first, false)
	}
}

// claim gives a row, which is first in its line, to a taker. One that is new is written
// with its claim.
func (q *queue[T]) claim(t *tx, c *conversation, r *row, isNew bool) {
	if !q.table.isInbox && c.elsewhere(t.replica) {
		return
	}
	taker := q.choose(c.Channel)
	if taker == nil {
		return
	}
	value, err := q.begin(t, r, isNew)
	if err != nil {
		if !isNew { // who claims it next buries it
			q.bury(t, c, r, err)
		}
		t.onCommit(func() { q.restore(taker) })
		t.onFailure(func() { q.restore(taker) })
		return
	}
	token := t.number()
	c.claim(q.line(c), r.number, token, t.replica)
	claim := journal.Claim{Row: r.number, Token: token}
	q.set(&value, claim)
	t.onFailure(func() { q.restore(taker) })
	t.onCommit(func() {
		if q.replica() != t.replica { // it was lost before it was known
			q.restore(taker)
			return
		}
		q.mu.Lock()
		q.held[claim] = c.Conversation
		q.mu.Unlock()
		taker.got <- offer[T]{value: value}
	})
}

func (q *queue[T]) writes(t *tx) *writes {
	if q.table.isInbox {
		return &t.inbox
	}
	return &t.outbox
}

// bury makes a row that can't be read a dead letter; the next of the line is first.
func (q *queue[T]) bury(t *tx, c *conversation, r *row, cause error) {
	w := q.writes(t)
	w.burials = append(w.burials, burial{t.number(), r.number, journal.KindUnreadable, cause.Error()})
	w.gone = append(w.gone, r.number)
	q.line(c).stirred, c.changed = true, true
}
