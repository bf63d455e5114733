package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// expireMessages makes messages dead letters that wait for too long, and returns how many.
func (s *Store) expireMessages(ctx context.Context, limit int) (int, error) {
	return expireRows(ctx, s, s.inbox, limit, s.expireMessage)
}

// expireParts does the same to parts.
func (s *Store) expireParts(ctx context.Context, limit int) (int, error) {
	return expireRows(ctx, s, s.outbox, limit, s.expirePart)
}

// expireRows takes stale rows from the scheduler, so that nobody gets them meanwhile, and
// has them expire in one transaction. When that fails the scheduler has them back.
func expireRows[T any](
	ctx context.Context, s *Store, queues *scheduler.Scheduler[T], limit int, expire func(*tx, scheduler.Row[T]) error,
) (int, error) {
	stale := queues.TakeStale(s.staleAfter, limit)
	rows := stale.Rows()
	if len(rows) == 0 {
		return 0, nil
	}
	err := s.writer.do(ctx, func(t *tx) error {
		for _, r := range rows {
			// Without a row it was forgotten, perhaps in this transaction.
			if err := expire(t, r); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		t.onCommit(stale.Done)
		return nil
	})
	if err != nil {
		stale.Return()
		return 0, err
	}
	return len(rows), nil
}

func (s *Store) expireMessage(t *tx, r scheduler.Row[*journal.Turn]) error {
	var body []byte
	if err := t.query(t.readMessage, r.Number).Scan(&body); err != nil {
		return err
	}
	m, err := journal.DecodeMessage(body)
	if err != nil {
		return s.quarantine(t, t.quarantineMessage, t.removeMessage, journal.KindFailed, r.Number)
	}
	if err := s.deadLetterMessage(t, r.Number, journal.KindExpired, journal.ReasonExpired); err != nil {
		return err
	}
	return s.appendExpired(t, r.Conversation, m.ID, "")
}

func (s *Store) expirePart(t *tx, r scheduler.Row[*journal.Delivery]) error {
	var body []byte
	if err := t.query(t.readPart, r.Number).Scan(&body); err != nil {
		return err
	}
	p, err := journal.DecodePart(body)
	if err != nil {
		return s.quarantine(t, t.quarantinePart, t.removePart, journal.KindUndelivered, r.Number)
	}
	if err := s.deadLetterPart(t, r.Number, journal.KindExpired, journal.ReasonExpired); err != nil {
		return err
	}
	return s.appendExpired(t, r.Conversation, "", p.ID)
}
