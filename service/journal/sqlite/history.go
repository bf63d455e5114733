package sqlite

import (
	"context"
	"database/sql"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// History is journal.Journal's.
func (s *Store) History(ctx context.Context, c channels.Conversation, n int) (history []channels.Event, err error) {
	err = s.read(ctx, "history", func() (err error) {
		list, newest := s.recent.of(c, 0)
		history, err = s.reader.readHistory(ctx, c, n, list, newest)
		return err
	})
	return history, err
}

// readHistory reads up to the newest event, of which the list has those without an entry.
func (r *reader) readHistory(
	ctx context.Context, c channels.Conversation, n int, list string, newest int64,
) ([]channels.Event, error) {
	rows, err := r.history.QueryContext(ctx, conversationKey(c), c.Channel, c.Sender, list, newest, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	var newestFirst [][]channels.Event
	for size := 0; size < journal.PageBytes && rows.Next(); {
		row, bytes, err := scanEvent(rows)
		if err != nil {
			return nil, err
		}
		newestFirst, size = append(newestFirst, row), size+bytes
	}
	return journal.HistoryOf(newestFirst, n), rows.Err()
}

// Events is journal.Journal's.
func (s *Store) Events(
	ctx context.Context, f journal.EventFilter, after int64, limit int,
) (page journal.EventPage, err error) {
	var swept int64
	err = s.read(ctx, "events", func() (err error) {
		page, swept, err = s.reader.readEvents(ctx, s.eventQuery(f, after, limit))
		return err
	})
	if err == nil && after >= 0 && after < swept {
		err = &journal.SweptError{Oldest: swept}
	}
	if err != nil {
		return journal.EventPage{}, err
	}
	return page, nil
}

// eventQuery is a question for the rows of events above a cursor.
type eventQuery struct {
	journal.EventFilter
	after int64
	limit int
	// recent are the rows of the sender's conversation that have no entry, up to newest.
	recent string
	newest int64
}

// eventQuery asks for one row more than the limit, to know whether there are more.
func (s *Store) eventQuery(f journal.EventFilter, after int64, limit int) eventQuery {
	q := eventQuery{EventFilter: f, after: after, limit: limit + 1}
	if f.Sender != "" {
		q.recent, q.newest = s.recent.of(channels.Conversation{Channel: f.Channel, Sender: f.Sender}, after)
	}
	return q
}

// readEvents reads in one transaction, so that events swept meanwhile are not missed
// silently. Swept is the cursor up to which events were deleted for their age.
func (r *reader) readEvents(ctx context.Context, q eventQuery) (page journal.EventPage, swept int64, err error) {
	t, err := r.pool.BeginTx(ctx, nil)
	if err != nil {
		return page, 0, err
	}
	defer t.Rollback() //nolint:errcheck // it has changed nothing
	var newest int64
	if err := t.StmtContext(ctx, r.bounds).QueryRowContext(ctx).Scan(&swept, &newest); err != nil {
		return page, 0, err
	}
	var list []channels.Event
	var full bool
	switch {
	case q.Sender != "":
		newest = q.newest
		c := channels.Conversation{Channel: q.Channel, Sender: q.Sender}
		list, full, err = queryEvents(ctx, t, r.eventsOfConversation, conversationKey(c), c.Channel, c.Sender, q.recent, q.after, newest, q.limit)
	case q.Channel != "":
		list, full, err = r.eventsOfChannel(ctx, t, q)
	default:
		list, full, err = queryEvents(ctx, t, r.events, q.after, q.limit)
	}
	return journal.PageOf(list, full, q.after, newest, q.limit-1), swept, err
}

// eventsOfChannel reads the rows that have an entry, and then those that have none. Full says
// that it has stopped because they are large.
func (r *reader) eventsOfChannel(ctx context.Context, t *sql.Tx, q eventQuery) (list []channels.Event, full bool, err error) {
	list, full, err = queryEvents(ctx, t, r.indexedOfChannel, channelKey(q.Channel), q.Channel, q.after, q.limit)
	for len(list) > 0 && list[0].Cursor <= q.after { // the row that has the first began before it
		list = list[1:]
	}
	if err != nil || full || len(list) >= q.limit {
		return list, full, err
	}
	more, full, err := queryEvents(ctx, t, r.recentOfChannel, q.Channel, q.after, q.limit)
	return append(list, more...), full, err
}

// queryEvents reads events. Full says that it has stopped because they are large.
func queryEvents(ctx context.Context, t *sql.Tx, stmt *sql.Stmt, args ...any) (list []channels.Event, full bool, err error) {
	rows, err := t.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	if err != nil {
		return nil, false, err
	}
	return scanEvents(rows)
}
