package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// note is an event as it is stored.
type note struct {
	channel, sender, messageID string
	kind                       channels.EventKind
	time                       int64
	body                       []byte
	// address is that of a message, if it is the event of one.
	address *string
}

// notes returns events as they are stored, with no more in them than is to be kept.
func (s *Store) notes(es ...channels.Event) ([]note, error) {
	notes := make([]note, len(es))
	for i := range es {
		e := es[i]
		n := note{
			channel: e.Channel, sender: e.Sender, messageID: e.MessageID, kind: e.Kind, time: e.Time.UnixMicro(),
		}
		if e.Kind == channels.EventMessage && e.Message != nil {
			n.address = &e.Message.Address
		}
		if s.textless {
			e = e.WithoutText()
		}
		var err error
		if n.body, err = journal.EncodeEvent(&e); err != nil {
			return nil, err
		}
		notes[i] = n
	}
	return notes, nil
}

// note appends events. A message's address is that of its conversation from then on.
func (s *Store) note(t *tx, notes []note) (err error) {
	for i := range notes {
		n := &notes[i]
		t.newest, err = t.insert(t.addEvent, n.channel, n.sender, n.kind, n.messageID, n.time, n.body)
		if err != nil {
			return err
		}
		if n.address != nil {
			if err := t.exec(t.meet, n.channel, n.sender, *n.address, n.time); err != nil {
				return err
			}
		}
	}
	if len(notes) > 0 && !t.noted {
		t.noted = true
		t.onCommit(func() {
			s.newest.Store(t.newest)
			s.changed.Send()
		})
	}
	return nil
}

// noteMessage appends the event of a message's first attempt.
func (s *Store) noteMessage(t *tx, m *channels.Message) error {
	notes, err := s.notes(journal.MessageEvent(m))
	if err != nil {
		return err
	}
	return s.note(t, notes)
}

// AppendEvents is journal.Journal's.
func (s *Store) AppendEvents(ctx context.Context, es ...channels.Event) error {
	notes, err := s.notes(es...)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error { return s.note(t, notes) })
}

// Newest is journal.Journal's.
func (s *Store) Newest(ctx context.Context) (int64, error) {
	if err := s.writer.refuse(ctx); err != nil {
		return 0, err
	}
	return s.newest.Load(), nil
}

// Changed is journal.Journal's.
func (s *Store) Changed() <-chan struct{} { return s.changed.Wait() }

// scanEvents reads the columns cursor, kind, channel, sender, message_id, time, body.
func scanEvents(rows *sql.Rows) ([]channels.Event, error) {
	defer rows.Close() //nolint:errcheck // Err has it
	var list []channels.Event
	for rows.Next() {
		var e channels.Event
		var at int64
		var body []byte
		if err := rows.Scan(&e.Cursor, &e.Kind, &e.Channel, &e.Sender, &e.MessageID, &at, &body); err != nil {
			return nil, err
		}
		e.Time = time.UnixMicro(at).UTC()
		journal.DecodeEvent(body, &e)
		list = append(list, e)
	}
	return list, rows.Err()
}
