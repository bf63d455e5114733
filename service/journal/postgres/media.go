package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// mediumTable is a migration. It holds what journal.Media keeps.
//
// A medium with a message is held by it. One with a position is kept with the message of
// that position, in inbox or dead_letter; positions are not used again. So nothing has to be
// deleted where messages are: Sweep finds the media whose messages are gone.
const mediumTable = `
CREATE TABLE medium (
	channel  bytea  NOT NULL,
	ref      bytea  NOT NULL,
	sender   bytea  NOT NULL,
	message  bytea,
	position bigint,
	expires  bigint NOT NULL,
	mime     bytea  NOT NULL,
	name     bytea  NOT NULL,
	content  bytea  NOT NULL,
	PRIMARY KEY (channel, ref)
);
ALTER TABLE medium ALTER content SET STORAGE EXTERNAL;
CREATE INDEX medium_holder ON medium (channel, sender, message);
CREATE INDEX medium_expires ON medium (expires) WHERE position IS NULL;
CREATE INDEX medium_position ON medium (position) WHERE position IS NOT NULL;
`

// Media are written beside the writer, since their bytes would keep it from what is small.
// Only a message that is stored binds them in its own transaction (keepMedia). Whoever locks
// several media does so in the order of their refs.
const (
	// syncCommit is what beginSettings does for the writer.
	syncCommit = `
SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
	THEN 'on' ELSE current_setting('synchronous_commit') END, true)`

	putMedium = `
INSERT INTO medium AS m (channel, ref, sender, expires, mime, name, content) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (channel, ref) DO UPDATE SET expires = greatest(m.expires, excluded.expires)`

	lockMedia = `
SELECT ref, sender, message, position IS NOT NULL OR expires > $3 FROM medium
WHERE channel = $1 AND ref = ANY($2::bytea[]) ORDER BY ref FOR UPDATE`

	holdMedia = `
UPDATE medium SET sender = $3, message = $4, expires = greatest(expires, $5) WHERE channel = $1 AND ref = ANY($2::bytea[])`

	keepMedia = `
UPDATE medium m SET position = $4
FROM (SELECT channel, ref FROM medium WHERE channel = $1 AND sender = $2 AND message = $3 ORDER BY ref FOR UPDATE) held
WHERE m.channel = held.channel AND m.ref = held.ref`

	readMedium = `
SELECT sender, mime, name, content FROM medium
WHERE channel = $1 AND ref = $2 AND (position IS NOT NULL OR expires > $3)`

	dropMedia = `
DELETE FROM medium WHERE channel = $1 AND ref = ANY($2::bytea[]) AND sender = $3 AND message = $4`

	readMediaUse = `
SELECT count(*), coalesce(sum(octet_length(content)), 0)::bigint,
	count(*) FILTER (WHERE sender = $2), coalesce(sum(octet_length(content)) FILTER (WHERE sender = $2), 0)::bigint
FROM medium WHERE channel = $1`

	// A message may come to hold, or to keep, a medium while it is looked for, so the
	// condition is asked of the locked row again.
	sweepExpiredMedia = `
DELETE FROM medium WHERE position IS NULL AND expires <= $1 AND ctid = ANY (ARRAY(
	SELECT ctid FROM medium WHERE position IS NULL AND expires <= $1
	ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED))`
	// A message is in inbox or in dead_letter in every snapshot, until it is gone for ever.
	// OFFSET 0 has it looked for by its position, medium by medium.
	sweepOrphanedMedia = `
DELETE FROM medium WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM medium m WHERE position IS NOT NULL
		AND NOT EXISTS (SELECT FROM inbox i
			WHERE i.channel = m.channel AND i.sender = m.sender AND i.position = m.position OFFSET 0)
		AND NOT EXISTS (SELECT FROM dead_letter d
			WHERE d.channel = m.channel AND d.sender = m.sender AND d.position = m.position AND NOT d.part OFFSET 0)
	LIMIT $1 FOR UPDATE SKIP LOCKED))`
)

// changeMedia runs f in a transaction of its own, which may run twice.
func (s *Store) changeMedia(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	err := s.read(ctx, func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, s.readPool, func(t pgx.Tx) error {
			if _, err := t.Exec(ctx, syncCommit); err != nil {
				return err
			}
			return f(ctx, t)
		})
	})
	s.options.report(ctx, err)
	return err
}

// PutMedium is journal.Journal's.
func (s *Store) PutMedium(ctx context.Context, m journal.Medium, life time.Duration) error {
	content := m.Content
	if content == nil {
		content = []byte{} // nil would be NULL
	}
	return s.changeMedia(ctx, func(ctx context.Context, t pgx.Tx) error {
		_, err := t.Exec(ctx, putMedium, []byte(m.Channel), []byte(m.Ref), []byte(m.Sender), micro(s.now().Add(life)),
			[]byte(m.MIME), []byte(m.Name), content)
		return err
	})
}

// foundMedium is a medium that was locked.
type foundMedium struct {
	ref, sender string
	// message is that which holds it, nil for none.
	message []byte
	exists  bool
}

// mayHold reports whether a message may hold the medium.
func (m *foundMedium) mayHold(k journal.Key) bool {
	if m.message != nil {
		return m.sender == k.Sender && string(m.message) == k.ID
	}
	return m.sender == "" || m.sender == k.Sender
}

// HoldMedia is journal.Journal's.
func (s *Store) HoldMedia(ctx context.Context, k journal.Key, life time.Duration, refs ...string) (missing string, err error) {
	column := column(refs, func(ref string) []byte { return []byte(ref) })
	err = s.changeMedia(ctx, func(ctx context.Context, t pgx.Tx) error {
		missing = ""
		rows, err := t.Query(ctx, lockMedia, []byte(k.Channel), column, micro(s.now()))
		found, err := collect(rows, err, func(rows pgx.Rows, m *foundMedium) error {
			return rows.Scan(text(&m.ref), text(&m.sender), &m.message, &m.exists)
		})
		if err != nil {
			return err
		}
		free := map[string]bool{}
		for _, m := range found {
			free[m.ref] = m.exists && m.mayHold(k)
		}
		for _, ref := range refs {
			if !free[ref] {
				missing = ref
				return nil
			}
		}
		_, err = t.Exec(ctx, holdMedia, []byte(k.Channel), column, []byte(k.Sender), []byte(k.ID), micro(s.now().Add(life)))
		return err
	})
	return missing, err
}

// keepMedia keeps what a message holds with the row of that position.
func (t *tx) keepMedia(e *journal.Entry, position int64) {
	if !e.Media {
		return
	}
	k := e.Key()
	t.statements = append(t.statements, func(b *pgx.Batch) {
		b.Queue(keepMedia, []byte(k.Channel), []byte(k.Sender), []byte(k.ID), position)
	})
}

// Medium is journal.Journal's.
func (s *Store) Medium(ctx context.Context, channel, ref string) (found *journal.Medium, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		m := &journal.Medium{Channel: channel, Ref: ref}
		err := s.readPool.QueryRow(ctx, readMedium, []byte(channel), []byte(ref), micro(s.now())).
			Scan(text(&m.Sender), text(&m.MIME), text(&m.Name), &m.Content)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = m
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// DropMedia is journal.Journal's.
func (s *Store) DropMedia(ctx context.Context, k journal.Key, refs ...string) error {
	column := column(refs, func(ref string) []byte { return []byte(ref) })
	return s.changeMedia(ctx, func(ctx context.Context, t pgx.Tx) error {
		_, err := t.Exec(ctx, dropMedia, []byte(k.Channel), column, []byte(k.Sender), []byte(k.ID))
		return err
	})
}

// MediaUse is journal.Journal's.
func (s *Store) MediaUse(ctx context.Context, channel, sender string) (ofChannel, ofSender journal.MediaUse, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.readPool.QueryRow(ctx, readMediaUse, []byte(channel), []byte(sender)).
			Scan(&ofChannel.Count, &ofChannel.Bytes, &ofSender.Count, &ofSender.Bytes)
	})
	return ofChannel, ofSender, err
}

// sweepMedia deletes media that are not kept any more, and returns how many. What was swept
// before in the transaction may have held some.
func sweepMedia(ctx context.Context, t pgx.Tx, now int64, limit int) (int, error) {
	expired, err := t.Exec(ctx, sweepExpiredMedia, now, limit)
	if err != nil {
		return 0, err
	}
	n := int(expired.RowsAffected())
	orphaned, err := t.Exec(ctx, sweepOrphanedMedia, limit-n)
	return n + int(orphaned.RowsAffected()), err
}
