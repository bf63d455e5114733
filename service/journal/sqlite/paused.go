package sqlite

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// pausedTable is a migration. The store has it in memory too, where every turn looks.
const pausedTable = `
CREATE TABLE paused (
	channel TEXT NOT NULL,
	sender  TEXT NOT NULL,
	reason  TEXT NOT NULL,
	since   INTEGER NOT NULL,
	PRIMARY KEY (channel, sender)
) WITHOUT ROWID;
`

// Conversations are seldom paused, so these are not prepared.
const (
	addPaused = `INSERT INTO paused (channel, sender, reason, since) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET reason = excluded.reason`
	removePaused = `DELETE FROM paused WHERE channel = ? AND sender = ?`
)

// loadPaused reads the conversations that are paused.
func (s *Store) loadPaused(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, `SELECT channel, sender, reason, since FROM paused`)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var p journal.Paused
		var since int64
		if err := rows.Scan(&p.Channel, &p.Sender, &p.Reason, &since); err != nil {
			return err
		}
		p.Since = time.UnixMicro(since).UTC()
		s.paused.Add(p)
	}
	return rows.Err()
}

// PauseConversation is journal.Journal's.
func (s *Store) PauseConversation(ctx context.Context, p journal.Paused) (fresh bool, err error) {
	p.Since = p.Since.Truncate(time.Microsecond).UTC()
	err = s.writer.do(ctx, func(t *tx) error {
		t.onCommit(func() { fresh = s.paused.Add(p) })
		_, err := t.conn.ExecContext(context.Background(), addPaused, p.Channel, p.Sender, p.Reason, p.Since.UnixMicro())
		return err
	})
	return fresh, err
}

// ResumeConversation is journal.Journal's.
func (s *Store) ResumeConversation(ctx context.Context, c channels.Conversation) (was bool, err error) {
	err = s.writer.do(ctx, func(t *tx) (err error) {
		was, err = s.resume(t, c)
		return err
	})
	return was, err
}

// resume ends a pause with the transaction, and reports whether there was one.
func (s *Store) resume(t *tx, c channels.Conversation) (was bool, err error) {
	result, err := t.conn.ExecContext(context.Background(), removePaused, c.Channel, c.Sender)
	if err != nil {
		return false, err
	}
	t.onCommit(func() { s.paused.Remove(c) })
	n, err := result.RowsAffected()
	return n > 0, err
}

// IsPaused is journal.Journal's.
func (s *Store) IsPaused(ctx context.Context, c channels.Conversation) (bool, error) {
	return s.paused.Has(c), s.writer.usable(ctx)
}

// Paused is journal.Journal's.
func (s *Store) Paused(ctx context.Context, limit int) (newest []journal.Paused, count int, err error) {
	newest, count = s.paused.Newest(limit)
	return newest, count, s.writer.usable(ctx)
}
