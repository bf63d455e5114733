package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// The events of all replicas have one sequence of cursors, given without gaps; none appears
// behind one that could be read already. The counter gives them (addEvents), a row
// that is locked from then until the commit. That makes the commits with events of all
// replicas follow one another, which is why the counter is locked last, in the round trip
// that commits.
//
// Readers wait by Changed. A commit of this replica wakes them at once; those of others
// are found when a notification or a poll makes this one read the counter.

// AppendEvents is journal.Journal's. Consecutive events of one message are one row.
func (s *Store) AppendEvents(ctx context.Context, es ...channels.Event) error {
	events, err := journal.EncodeEventGroups(es, s.options.Retention == 0)
	if err != nil {
		return err
	}
	id := newStepID(journal.Claim{}, &journal.OutgoingRows{}, events, nil)
	o := &operation{needs: needs{conversations: addressed(events)}, onLateCommit: func() { s.unknownSteps.add(id) }}
	o.apply = func(t *tx) error {
		if !s.unknownSteps.has(id) {
			t.appendEvents(events...)
		}
		return nil
	}
	if err := s.commit(ctx, o); err != nil {
		return err
	}
	s.unknownSteps.forget(journal.Claim{}) // what was given up meanwhile too
	return nil
}

// appendEvents appends events to the transaction. Those of messages give their conversation
// its address. The cursors are given at the commit, by the counter: see addEvents.
func (t *tx) appendEvents(events ...journal.EventRow) {
	t.events = append(t.events, events...)
	for _, e := range events {
		c := t.conversations[e.Conversation()]
		if address, ok := journal.AddressOf(&e.Event); ok && c != nil {
			c.address, c.seen, c.changed = []byte(address), micro(e.Time), true
		}
	}
}

const (
	eventColumns = `cursor, kind, channel, sender, message_id, time, further, body`

	readHistory = `
SELECT ` + eventColumns + ` FROM event
WHERE channel = $1 AND sender = $2 AND kind IN ('message', 'reply') ORDER BY cursor DESC LIMIT $3`

	// The events of a page are read together with the counter, in one snapshot: what
	// is deleted for its age meanwhile is not passed over.
	readPage = `
SELECT c.event, c.swept, e.cursor, e.kind, e.channel, e.sender, e.message_id, e.time, e.further, e.body
FROM counter c LEFT JOIN LATERAL (SELECT ` + eventColumns + ` FROM event WHERE cursor > $1`
	pageEnd = ` ORDER BY cursor LIMIT $2) e ON true ORDER BY e.cursor`

	readAll          = readPage + pageEnd
	readChannel      = readPage + ` AND channel = $3` + pageEnd
	readConversation = readPage + ` AND channel = $3 AND sender = $4` + pageEnd
)

// scannedEvent is a row of events. Cursor, time, further and kind are nil where there is no
// event: the counter of a page is read also when the page is empty.
type scannedEvent struct {
	cursor, time, further *int64
	kind                  *string
	channel, sender, id   string
	body                  []byte
}

func (r *scannedEvent) events() []channels.Event {
	first := channels.Event{
		Cursor: *r.cursor, Kind: channels.EventKind(*r.kind), Channel: r.channel, Sender: r.sender,
		MessageID: r.id, Time: fromMicro(*r.time).UTC(),
	}
	return journal.DecodeEvents(r.body, first, int(*r.further))
}

// fields are where the columns go.
func (r *scannedEvent) fields() []any {
	return []any{&r.cursor, &r.kind, text(&r.channel), text(&r.sender), text(&r.id), &r.time, &r.further, &r.body}
}

// History is journal.Journal's.
func (s *Store) History(ctx context.Context, c channels.Conversation, n int) (history []channels.Event, err error) {
	var found []scannedEvent
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.readPool.Query(ctx, readHistory, []byte(c.Channel), []byte(c.Sender), n)
		if err == nil {
			found, err = readHistoryRows(rows)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return journal.HistoryOf(column(found, func(r scannedEvent) []channels.Event { return r.events() }), n), nil
}

// readHistoryRows reads rows until they hold journal.PageBytes.
func readHistoryRows(rows pgx.Rows) (found []scannedEvent, err error) {
	defer rows.Close()
	for size := 0; size < journal.PageBytes && rows.Next(); {
		var r scannedEvent
		if err := rows.Scan(r.fields()...); err != nil {
			return nil, err
		}
		found, size = append(found, r), size+len(r.body)
	}
	return found, rows.Err()
}

// Events is journal.Journal's.
func (s *Store) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (page journal.EventPage, err error) {
	sql, args := readAll, []any{after, limit + 1}
	switch {
	case f.Sender != "":
		sql, args = readConversation, append(args, []byte(f.Channel), []byte(f.Sender))
	case f.Channel != "":
		sql, args = readChannel, append(args, []byte(f.Channel))
	}
	var found scannedPage
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.readPool.Query(ctx, sql, args...)
		if err == nil {
			found, err = readEvents(rows)
		}
		return err
	})
	switch {
	case err != nil:
		return journal.EventPage{}, err
	case after >= 0 && after < found.swept:
		return journal.EventPage{}, &journal.SweptError{Oldest: found.swept}
	}
	var events []channels.Event
	for i := range found.rows { // once all was read: large ones take long
		events = append(events, found.rows[i].events()...)
	}
	return journal.PageOf(events, found.full, after, found.newest, limit), nil
}

// scannedPage are the rows of a page. Newest is the newest cursor, swept that of the newest
// event that was deleted for its age. Full says that the page holds journal.PageBytes.
type scannedPage struct {
	rows          []scannedEvent
	newest, swept int64
	full          bool
}

// readEvents reads a page.
func readEvents(rows pgx.Rows) (page scannedPage, err error) {
	defer rows.Close()
	for size := 0; !page.full && rows.Next(); page.full = size >= journal.PageBytes {
		var r scannedEvent
		if err := rows.Scan(append([]any{&page.newest, &page.swept}, r.fields()...)...); err != nil {
			return page, err
		}
		if r.cursor != nil {
			page.rows = append(page.rows, r)
		}
		size += len(r.body)
	}
	return page, rows.Err()
}

// Newest is journal.Journal's.
func (s *Store) Newest(ctx context.Context) (cursor int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.readPool.QueryRow(ctx, readCursor).Scan(&cursor)
	})
	return cursor, err
}

// Changed is journal.Journal's.
func (s *Store) Changed() <-chan struct{} { return s.subscription.changed.Wait() }
