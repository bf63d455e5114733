package postgres

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// A row that waits for longer than Options.StaleAfter is not worked on any more, whatever
// its channel does. Sweep finds such rows by when they were stored, locks their
// conversations, and makes those of them dead letters that are still there and not claimed.

// staleBatch is how many rows one transaction makes dead letters.
const staleBatch = maxBatch / 2

// sweepStale makes dead letters of up to limit rows and returns how many.
func (s *Store) sweepStale(ctx context.Context, limit int) (swept int, err error) {
	before := micro(s.clock.forAges().Add(-s.options.StaleAfter))
	for _, table := range []*table{&s.inbox.table, &s.outbox.table} {
		for swept < limit {
			n := min(limit-swept, staleBatch)
			found, err := s.findStale(ctx, table, before, n)
			if err != nil || len(found) == 0 {
				if err != nil {
					return swept, err
				}
				break
			}
			expired, err := s.expire(ctx, table, found)
			swept += expired
			if err != nil {
				return swept, err
			}
			if len(found) < n || expired == 0 { // others have the rest
				break
			}
		}
	}
	return swept, nil
}

// staleRow is a row that is too old.
type staleRow struct {
	channels.Conversation
	row  int64
	body []byte
}

func scanStale(rows pgx.Rows, r *staleRow) error {
	return rows.Scan(text(&r.Channel), text(&r.Sender), &r.row, &r.body)
}

func (s *Store) findStale(ctx context.Context, table *table, before int64, limit int) (found []staleRow, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.readPool.Query(ctx, table.stale, before, limit)
		found, err = collect(rows, err, scanStale)
		return err
	})
	return found, err
}

// expire makes rows dead letters that are still there and not claimed, and returns how many.
func (s *Store) expire(ctx context.Context, table *table, found []staleRow) (int, error) {
	var expired atomic.Int64
	o := &operation{needs: needs{
		conversations: column(found, func(r staleRow) channels.Conversation { return r.Conversation }), numbers: len(found),
	}}
	o.exclusive = func(t *tx) error {
		ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
		defer cancel()
		rows, err := t.conn.Query(ctx, table.present, column(found, func(r staleRow) int64 { return r.row }))
		present, err := collect(rows, err, scanStale)
		if err != nil {
			return err
		}
		n, err := s.expireLocked(t, table.isInbox, present)
		expired.Store(int64(n))
		return err
	}
	err := s.commit(ctx, o)
	return int(expired.Load()), err
}

// expireLocked does so with the conversations locked.
func (s *Store) expireLocked(t *tx, isInbox bool, present []staleRow) (n int, err error) {
	for _, r := range present {
		conv := t.conversations[r.Conversation]
		q, w := &conv.outbox, &t.outbox
		if isInbox {
			q, w = &conv.inbox, &t.inbox
		}
		if q.row == r.row {
			continue // it is being worked on
		}
		events, err := s.encodeEvents(expiredEvent(t, &r, isInbox))
		if err != nil {
			return n, err
		}
		w.deadLetters = append(w.deadLetters, deadLetter{t.number(), r.row, journal.KindExpired, journal.ReasonExpired})
		w.removed = append(w.removed, r.row)
		t.appendEvents(events...)
		q.headChanged = true
		conv.changed = conv.changed || q.row == 0
		n++
	}
	return n, nil
}

// expiredEvent is the event of a row. Of one that can't be read it names neither message
// nor part.
func expiredEvent(t *tx, r *staleRow, isInbox bool) channels.Event {
	var message, part string
	if isInbox {
		m, _ := journal.DecodeMessage(r.body) // its id is empty then
		message = m.ID
	} else {
		p, _ := journal.DecodePart(r.body) // its id is empty then
		part = p.ID
	}
	return journal.ExpiredEvent(r.Conversation, message, part, t.now.UTC())
}
