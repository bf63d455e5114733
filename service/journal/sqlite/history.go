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
		history, err = s.reader.readHistory(ctx, c, n)
		return err
	})
	return history, err
}

func (r *reader) readHistory(ctx context.Context, c channels.Conversation, n int) ([]channels.Event, error) {
	rows, err := r.history.QueryContext(ctx, c.Channel, c.Sender, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	var newestFirst [][]channels.Event
	for rows.Next() {
		row, err := scanEvent(rows)
		if err != nil {
			return nil, err
		}
		newestFirst = append(newestFirst, row)
	}
	return journal.HistoryOf(newestFirst, n), rows.Err()
}

// Events is journal.Journal's.
func (s *Store) Events(
	ctx context.Context, f journal.EventFilter, after int64, limit int,
) (page journal.EventPage, err error) {
	var swept int64
	err = s.read(ctx, "events", func() (err error) {
		page, swept, err = s.reader.readEvents(ctx, f, after, limit)
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

// readEvents reads in one transaction, so that events swept meanwhile are not missed
// silently. Swept is the cursor up to which events were deleted for their age.
func (r *reader) readEvents(
	ctx context.Context, f journal.EventFilter, after int64, limit int,
) (page journal.EventPage, swept int64, err error) {
	t, err := r.pool.BeginTx(ctx, nil)
	if err != nil {
		return page, 0, err
	}
	defer t.Rollback() //nolint:errcheck // it has changed nothing
	var newest int64
	if err := t.StmtContext(ctx, r.bounds).QueryRowContext(ctx).Scan(&swept, &newest); err != nil {
		return page, 0, err
	}
	// One more than the limit, to know whether there are more.
	rows, err := r.queryEvents(ctx, t, f, after, limit+1)
	if err != nil {
		return page, 0, err
	}
	list, err := scanEvents(rows)
	return journal.PageOf(list, after, newest, limit), swept, err
}

func (r *reader) queryEvents(ctx context.Context, t *sql.Tx, f journal.EventFilter, after int64, limit int) (*sql.Rows, error) {
	switch {
	case f.Sender != "":
		return t.StmtContext(ctx, r.eventsOfConversation).QueryContext(ctx, f.Channel, f.Sender, after, limit)
	case f.Channel != "":
		return t.StmtContext(ctx, r.eventsOfChannel).QueryContext(ctx, f.Channel, after, limit)
	}
	return t.StmtContext(ctx, r.events).QueryContext(ctx, after, limit)
}
