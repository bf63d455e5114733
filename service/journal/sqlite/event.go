package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// encodeEvents returns the rows of events, with no more in them than is to be kept.
func (s *Store) encodeEvents(es ...channels.Event) ([]journal.EventRow, error) {
	return journal.EncodeEvents(es, s.textless)
}

// appendEvents appends events. A message's address is that of its conversation from then
// on. Callers that wait for events wake once the transaction is committed, and once for all
// that it appended.
func (s *Store) appendEvents(t *tx, events []journal.EventRow) error {
	s.beginEvents(t, len(events))
	s.recent.add(events, t.newest)
	for rest := events; len(rest) > 0; {
		stmt, n := t.addEvent, 1
		if len(rest) >= eventsAtOnce {
			stmt, n = t.addEvents, eventsAtOnce
		}
		if err := t.exec(stmt, t.eventColumns(rest[:n])...); err != nil {
			return err
		}
		rest = rest[n:]
	}
	for i := range events {
		e := &events[i]
		if address, ok := journal.AddressOf(&e.Event); ok {
			if err := s.setAddress(t, e.Conversation(), address, e.Time.UnixMicro()); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginEvents prepares the transaction for the first of so many events.
func (s *Store) beginEvents(t *tx, n int) {
	if n == 0 || t.hasEvents {
		return
	}
	t.hasEvents, t.newest = true, s.recent.last()
	t.onCommit(func() {
		s.recent.commit(t.newest)
		s.changed.Send()
	})
	t.onRollback(s.recent.rollback)
}

// eventColumns gives rows of events their cursors and returns what is stored of them.
func (t *tx) eventColumns(events []journal.EventRow) []any {
	all := make([]any, 0, len(events)*8)
	for i := range events {
		e := &events[i]
		t.newest += int64(e.Further) + 1
		all = append(all, t.newest, e.Channel, e.Sender, e.Kind, e.MessageID, e.Time.UnixMicro(), e.Further, e.Body)
	}
	return all
}

// setAddress gives a conversation its address, unless it is known to have it.
func (s *Store) setAddress(t *tx, c channels.Conversation, address string, at int64) error {
	if s.addresses.holds(c, address, at) {
		return nil
	}
	if !t.hasAddresses {
		t.hasAddresses = true
		t.onRollback(s.addresses.clear)
	}
	s.addresses.put(c, address, at)
	return t.exec(t.upsertConversation, c.Channel, c.Sender, address, at, seenFor.Microseconds())
}

// appendFirstAttempt appends the event of a message's first attempt.
func (s *Store) appendFirstAttempt(t *tx, m *channels.Message) error {
	return s.appendEvent(t, journal.MessageEvent(m))
}

// appendExpired appends the event of a message or a part that expired.
func (s *Store) appendExpired(t *tx, c channels.Conversation, message, part string) error {
	return s.appendEvent(t, journal.ExpiredEvent(c, message, part, t.now))
}

func (s *Store) appendEvent(t *tx, e channels.Event) error {
	events, err := s.encodeEvents(e)
	if err != nil {
		return err
	}
	return s.appendEvents(t, events)
}

// AppendEvents is journal.Journal's. Consecutive events of one message are one row: a turn
// then costs one row and its entries in the indexes.
func (s *Store) AppendEvents(ctx context.Context, es ...channels.Event) error {
	events, err := journal.EncodeEventGroups(es, s.textless)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error { return s.appendEvents(t, events) })
}

// Newest is journal.Journal's.
func (s *Store) Newest(ctx context.Context) (int64, error) {
	if err := s.writer.usable(ctx); err != nil {
		return 0, err
	}
	return s.recent.last(), nil
}

// Changed is journal.Journal's.
func (s *Store) Changed() <-chan struct{} { return s.changed.Wait() }

// scanEvents reads the events of rows of the columns cursor, kind, channel, sender,
// message_id, time, further, body.
// Full says that it has stopped because they hold journal.PageBytes.
func scanEvents(rows *sql.Rows) (list []channels.Event, full bool, err error) {
	defer rows.Close() //nolint:errcheck // Err has it
	for size := 0; size < journal.PageBytes; {
		if !rows.Next() {
			return list, false, rows.Err()
		}
		group, bytes, err := scanEvent(rows)
		if err != nil {
			return nil, false, err
		}
		list, size = append(list, group...), size+bytes
	}
	return list, true, nil
}

// scanEvent reads the events of one row, and how long its body is.
func scanEvent(rows *sql.Rows) (events []channels.Event, size int, err error) {
	var e channels.Event
	var at int64
	var further int
	var body []byte
	if err := rows.Scan(&e.Cursor, &e.Kind, &e.Channel, &e.Sender, &e.MessageID, &at, &further, &body); err != nil {
		return nil, 0, err
	}
	e.Time = time.UnixMicro(at).UTC()
	return journal.DecodeEvents(body, e, further), len(body), nil
}
