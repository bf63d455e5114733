package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// pausedTable is a migration. A row belongs to its conversation and is changed under that
// one's lock. It is read whenever the conversation is locked, so that whoever claims a message
// or gives a lock, at whichever replica, knows of what was committed before. It is a table of
// its own because the row of a conversation goes when it has been idle for long.
const pausedTable = `
CREATE TABLE paused (
	channel bytea  NOT NULL,
	sender  bytea  NOT NULL,
	reason  bytea  NOT NULL,
	since   bigint NOT NULL,
	PRIMARY KEY (channel, sender)
);
CREATE INDEX paused_since ON paused (since DESC, channel, sender);
`

const (
	addPaused = `
INSERT INTO paused (channel, sender, reason, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, sender) DO UPDATE SET reason = excluded.reason`
	removePaused = `DELETE FROM paused WHERE channel = $1 AND sender = $2`
	isPaused     = `SELECT EXISTS (SELECT FROM paused WHERE channel = $1 AND sender = $2)`
	countPaused  = `SELECT count(*) FROM (SELECT FROM paused ORDER BY channel, sender LIMIT 1000000) p`
	readPaused   = `SELECT channel, sender, reason, since FROM paused ORDER BY since DESC, channel, sender LIMIT $1`
)

// PauseConversation is journal.Journal's.
func (s *Store) PauseConversation(ctx context.Context, p journal.Paused) (fresh bool, err error) {
	err = s.commit(ctx, locking(p.Conversation, func(t *tx) error {
		conv := t.conversations[p.Conversation]
		fresh, conv.paused = !conv.paused, true
		t.statements = append(t.statements, func(b *pgx.Batch) {
			b.Queue(addPaused, []byte(p.Channel), []byte(p.Sender), []byte(p.Reason), micro(p.Since))
		})
		return nil
	}))
	if err != nil {
		return false, err
	}
	return fresh, nil
}

// ResumeConversation is journal.Journal's.
func (s *Store) ResumeConversation(ctx context.Context, c channels.Conversation) (was bool, err error) {
	err = s.commit(ctx, locking(c, func(t *tx) error {
		conv := t.conversations[c]
		was, conv.paused = conv.paused, false
		t.statements = append(t.statements, func(b *pgx.Batch) { b.Queue(removePaused, []byte(c.Channel), []byte(c.Sender)) })
		return nil
	}))
	if err != nil {
		return false, err
	}
	return was, nil
}

// IsPaused is journal.Journal's.
func (s *Store) IsPaused(ctx context.Context, c channels.Conversation) (paused bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.readPool.QueryRow(ctx, isPaused, []byte(c.Channel), []byte(c.Sender)).Scan(&paused)
	})
	return paused, err
}

// Paused is journal.Journal's.
func (s *Store) Paused(ctx context.Context, limit int) (newest []journal.Paused, count int, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		if err := s.readPool.QueryRow(ctx, countPaused).Scan(&count); err != nil {
			return err
		}
		rows, err := s.readPool.Query(ctx, readPaused, limit)
		newest, err = collect(rows, err, scanPaused)
		return err
	})
	return newest, count, err
}

func scanPaused(rows pgx.Rows, p *journal.Paused) error {
	var since int64
	err := rows.Scan(text(&p.Channel), text(&p.Sender), text(&p.Reason), &since)
	p.Since = fromMicro(since).UTC().Truncate(time.Microsecond)
	return err
}
