package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// readDeadLetters reads a page, of one channel or of all.
func (r *reader) readDeadLetters(
	ctx context.Context, channel string, after int64, limit int,
) ([]journal.DeadLetter, error) {
	rows, err := r.queryDeadLetters(ctx, channel, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	var list []journal.DeadLetter
	for rows.Next() {
		d, err := scanDeadLetter(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

func (r *reader) queryDeadLetters(ctx context.Context, channel string, after int64, limit int) (*sql.Rows, error) {
	if channel == "" {
		return r.deadLetters.QueryContext(ctx, after, limit)
	}
	return r.deadLettersOfChannel.QueryContext(ctx, channel, after, limit)
}

func scanDeadLetter(rows *sql.Rows) (d journal.DeadLetter, err error) {
	var c channels.Conversation
	var died int64
	var body []byte
	var expired bool
	if err := rows.Scan(&d.ID, &d.Kind, &c.Channel, &c.Sender, &d.Reason, &died, &body, &expired); err != nil {
		return d, err
	}
	d.Died = time.UnixMicro(died)
	isPart := d.Kind == journal.KindUndelivered
	if expired {
		d.Kind = journal.KindExpired
	}
	journal.DecodeDeadLetter(body, isPart, c, &d)
	return d, nil
}

// readConversations reads whose dead letters these are. Unknown ids are left out.
func (r *reader) readConversations(ctx context.Context, ids []int64) (map[int64]channels.Conversation, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := r.deadConversations.QueryContext(ctx, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	conversations := map[int64]channels.Conversation{}
	for rows.Next() {
		var id int64
		var c channels.Conversation
		if err := rows.Scan(&id, &c.Channel, &c.Sender); err != nil {
			return nil, err
		}
		conversations[id] = c
	}
	return conversations, rows.Err()
}
