package sqlite

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Queued is journal.Journal's. It asks the scheduler, which knows what is stored.
func (s *Store) Queued(ctx context.Context, c channels.Conversation, limit int) (int, error) {
	if err := s.writer.usable(ctx); err != nil {
		return 0, err
	}
	return s.inbox.Queued(c, limit), nil
}

// Refuse is journal.Journal's.
func (s *Store) Refuse(ctx context.Context, limit int, es ...journal.Entry) (kept int, err error) {
	rows, err := journal.EncodeEntries(es)
	if err != nil {
		return 0, err
	}
	err = s.writer.do(ctx, func(t *tx) error {
		kept = 0 // the operation may run again
		for i := range rows {
			is, err := s.refuse(t, limit, &rows[i])
			if err != nil {
				return err
			}
			if is {
				kept++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return kept, nil
}

// refuse makes a message a dead letter and reports whether it was kept. The message is
// stored first, so that its position is the one that it would have.
func (s *Store) refuse(t *tx, limit int, r *journal.InboxRow) (kept bool, err error) {
	m := &r.Message
	var refused int
	if err := t.query(t.countRefused, m.Channel, m.Sender, limit).Scan(&refused); err != nil || refused >= limit {
		return false, err
	}
	if kept, err = t.insertKey(r.Key(), r.Window, nil); !kept {
		return false, err
	}
	number, err := t.insert(t.addMessage, m.Channel, m.Sender, 0, t.now.UnixMicro(), r.Body)
	if err != nil {
		return false, err
	}
	if err := t.keepMedia(&r.Entry, number); err != nil {
		return false, err
	}
	if err := s.deadLetterMessage(t, number, journal.KindRefused, journal.ReasonRefused); err != nil {
		return false, err
	}
	return true, s.appendEvent(t, journal.RefusedEvent(m, t.now))
}

// deadLetterMessage makes a stored message a dead letter.
func (s *Store) deadLetterMessage(t *tx, row int64, kind, reason string) error {
	if err := t.exec(t.deadLetterOfMessage, kind, reason, t.now.UnixMicro(), row); err != nil {
		return err
	}
	t.onCommit(func() { s.dead.Add(1) })
	return t.exec(t.removeMessage, row)
}

// deadLetterPart makes a stored part a dead letter. Its kind is one that the first release
// knows: it took any other for that of a message.
func (s *Store) deadLetterPart(t *tx, row int64, kind, reason string) error {
	expired := kind == journal.KindExpired
	if err := t.exec(t.deadLetterOfPart, journal.KindUndelivered, reason, t.now.UnixMicro(), expired, row); err != nil {
		return err
	}
	t.onCommit(func() { s.dead.Add(1) })
	return t.exec(t.removePart, row)
}
