package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// maxSwept is how many rows one transaction of a sweep deletes, so that other calls need
// not wait long.
const maxSwept = 500

// Sweep is journal.Journal's. What waits for too long comes first, so that it is not worked
// on any more.
func (s *Store) Sweep(ctx context.Context, limit int) (swept int, err error) {
	for _, sweep := range []func(context.Context, int) (int, error){
		s.expireMessages, s.expireParts, s.write(s.sweepKeys), s.write(s.sweepEvents), s.write(s.sweepDeadLetters), s.write(s.sweepChoices), s.write(s.sweepAliases),
		s.sweepMedia, // last, since what was swept before may have held some
	} {
		for swept < limit {
			batch := min(limit-swept, maxSwept)
			n, err := sweep(ctx, batch)
			if err != nil {
				return swept, err
			}
			if swept += n; n < batch {
				break
			}
		}
	}
	return swept, nil
}

// write returns a sweep that runs in one transaction.
func (s *Store) write(sweep func(*tx, int) (int, error)) func(context.Context, int) (int, error) {
	return func(ctx context.Context, limit int) (n int, err error) {
		err = s.writer.do(ctx, func(t *tx) (err error) {
			n, err = sweep(t, limit)
			return err
		})
		return n, err
	}
}

// sweepDeadLetters deletes dead letters that were kept long enough.
func (s *Store) sweepDeadLetters(t *tx, limit int) (int, error) {
	n, err := t.changes(t.deleteDeadLetters, t.now.Add(-s.deadRetention).UnixMicro(), limit)
	t.onCommit(func() { s.dead.Add(-n) })
	return int(n), err
}

// sweepKeys deletes keys whose window has passed.
func (*Store) sweepKeys(t *tx, limit int) (int, error) {
	n, err := t.changes(t.deleteKeys, t.now.UnixMicro(), limit)
	return int(n), err
}

// sweepEvents deletes the oldest events. Those of one row go with the first of them. With the last event of a conversation's messages
// it deletes the conversation's row.
func (s *Store) sweepEvents(t *tx, limit int) (swept int, err error) {
	old, err := t.oldest(t.now.Add(-s.retention), limit)
	if err != nil {
		return 0, err
	}
	var last int64
	var gone []channels.Event
	for i, e := range old {
		if e.Kind == channels.EventMessage && swept < limit {
			s.addresses.drop(e.Conversation())
			list, _ := s.recent.of(e.Conversation(), e.Cursor)
			n, err := t.changes(t.sweepConversation, e.Channel, e.Sender, e.Cursor, conversationKey(e.Conversation()), list)
			if err != nil {
				return 0, err
			}
			swept += int(n)
		}
		if swept == limit {
			break
		}
		swept++
		last, gone = e.Cursor, old[:i+1]
	}
	if last == 0 {
		return swept, nil
	}
	if err := t.exec(t.deleteEvents, last); err != nil {
		return 0, err
	}
	t.onCommit(func() { s.recent.dropTo(last) })
	return swept, errors.Join(t.sweepEntries(gone, last), t.exec(t.setSwept, last))
}

// oldest returns the first events, up to one that is not older than before.
func (t *tx) oldest(before time.Time, limit int) (old []channels.Event, err error) {
	rows, err := t.oldestEvents.QueryContext(context.Background(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var e channels.Event
		var at int64
		if err := rows.Scan(&e.Cursor, &e.Channel, &e.Sender, &e.Kind, &at); err != nil {
			return nil, err
		}
		if at >= before.UnixMicro() {
			break
		}
		old = append(old, e)
	}
	return old, rows.Err()
}
