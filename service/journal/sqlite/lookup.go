package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// lookup reads what is known of messages by their keys.
type lookup struct{ key, replies *sql.Stmt }

func (l *lookup) sources() []source {
	return []source{
		{&l.key, `SELECT digest, coalesce(state, ''), replies, event FROM delivery
			WHERE channel = ? AND sender = ? AND id = ? AND (expires > ? OR state = 'running')`},
		{&l.replies, eventsOf("e.body", `cursor >= ?5 AND e.message_id = ?6 AND e.kind = 'reply'`, "LIMIT ?7")},
	}
}

// known returns nil when nothing is known.
func (l *lookup) known(ctx context.Context, recent *recentEvents, k journal.Key, now time.Time) (*journal.Known, error) {
	var known journal.Known
	var replies int
	var event sql.NullInt64
	err := l.key.QueryRowContext(ctx, k.Channel, k.Sender, k.ID, now.UnixMicro()).
		Scan(&known.Digest, &known.State, &replies, &event)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing is known, which is no error
	}
	if err == nil && replies > 0 && event.Valid {
		known.Replies, err = l.readReplies(ctx, recent, k, event.Int64, replies)
	}
	known.Forgotten = len(known.Replies) < replies
	return &known, err
}

// readReplies returns the replies from a cursor on that are kept and can be read.
func (l *lookup) readReplies(
	ctx context.Context, recent *recentEvents, k journal.Key, from int64, limit int,
) (all [][]channels.Reply, err error) {
	c := channels.Conversation{Channel: k.Channel, Sender: k.Sender}
	list, _ := recent.of(c, from-1)
	rows, err := l.replies.QueryContext(ctx, conversationKey(c), c.Channel, c.Sender, list, from, k.ID, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var cursor int64
		var body []byte
		if err := rows.Scan(&cursor, &body); err != nil {
			return nil, err
		}
		var e channels.Event
		if journal.DecodeEvent(body, &e); e.Replies != nil || e.Reason == "" {
			all = append(all, e.Replies)
		}
	}
	return all, rows.Err()
}
