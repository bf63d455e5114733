package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// mediumTables is a migration. It holds what journal.Media keeps.
//
// A medium with a message is held by it. One with a position is kept with the message of
// that position, in inbox or dead_letter; positions are not used again. So nothing has to be
// deleted where messages are: Sweep finds the media whose messages are gone. The content has
// a table of its own, so that a change of a medium does not write it anew.
const mediumTables = `
CREATE TABLE medium (
	id       INTEGER PRIMARY KEY,
	channel  TEXT NOT NULL,
	ref      TEXT NOT NULL,
	sender   TEXT NOT NULL,
	message  TEXT,
	position INTEGER,
	expires  INTEGER NOT NULL,
	size     INTEGER NOT NULL,
	mime     TEXT NOT NULL,
	name     TEXT NOT NULL
);
CREATE UNIQUE INDEX medium_ref ON medium (channel, ref);
CREATE INDEX medium_holder ON medium (channel, sender, message, size);
CREATE INDEX medium_expires ON medium (expires) WHERE position IS NULL;
CREATE INDEX medium_position ON medium (position) WHERE position IS NOT NULL;
CREATE INDEX inbox_position ON inbox (position) WHERE position IS NOT NULL;

CREATE TABLE medium_content (
	id      INTEGER PRIMARY KEY,
	content BLOB NOT NULL
);
CREATE TRIGGER medium_deleted AFTER DELETE ON medium BEGIN
	DELETE FROM medium_content WHERE id = OLD.id;
END;
`

// mediaStatements are those of the writer.
type mediaStatements struct {
	add, addContent, extend, isFree, hold *sql.Stmt
	keep, drop, forget, deleteOld         *sql.Stmt
}

func (s *mediaStatements) sources() []source {
	return []source{
		{&s.extend, `UPDATE medium SET expires = max(expires, ?) WHERE channel = ? AND ref = ?`},
		{&s.add, `INSERT INTO medium (channel, ref, sender, expires, size, mime, name) VALUES (?, ?, ?, ?, ?, ?, ?)`},
		{&s.addContent, `INSERT INTO medium_content (id, content) VALUES (?, ?)`},
		{&s.isFree, `SELECT count(*) FROM medium WHERE channel = ?1 AND ref = ?2 AND (position IS NOT NULL OR expires > ?5)
			AND CASE WHEN message IS NULL THEN sender IN ('', ?3) ELSE sender = ?3 AND message = ?4 END`},
		{&s.hold, `UPDATE medium SET sender = ?3, message = ?4, expires = max(expires, ?5) WHERE channel = ?1 AND ref = ?2`},
		{&s.keep, `UPDATE medium SET position = ? WHERE channel = ? AND sender = ? AND message = ?`},
		{&s.drop, `DELETE FROM medium WHERE channel = ? AND ref = ? AND sender = ? AND message = ?`},
		{&s.forget, `DELETE FROM medium WHERE channel = ? AND sender = ?`},
		{&s.deleteOld, `DELETE FROM medium WHERE id = ?1 AND (position = ?2 OR position IS NULL AND expires <= ?3)`},
	}
}

// mediaReads are the statements of the reader.
type mediaReads struct{ medium, useOfChannel, useOfSender, expired, orphaned *sql.Stmt }

func (r *mediaReads) sources() []source {
	return []source{
		{&r.medium, `SELECT m.sender, m.mime, m.name, c.content FROM medium m JOIN medium_content c ON c.id = m.id
			WHERE m.channel = ? AND m.ref = ? AND (m.position IS NOT NULL OR m.expires > ?)`},
		{&r.useOfChannel, `SELECT count(*), coalesce(sum(size), 0) FROM medium WHERE channel = ?`},
		{&r.useOfSender, `SELECT count(*), coalesce(sum(size), 0) FROM medium WHERE channel = ? AND sender = ?`},
		{&r.expired, `SELECT id, 0 FROM medium WHERE position IS NULL AND expires <= ? LIMIT ?`},
		// A message that was not replayed has its position as its id.
		{&r.orphaned, `SELECT id, position FROM medium m WHERE position IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM inbox WHERE id = m.position AND position IS NULL)
			AND NOT EXISTS (SELECT 1 FROM inbox WHERE position = m.position)
			AND NOT EXISTS (SELECT 1 FROM dead_letter d WHERE d.channel = m.channel AND d.sender = m.sender
				AND d.kind <> 'undelivered' AND d.position = m.position) LIMIT ?`},
	}
}

// PutMedium is journal.Journal's.
func (s *Store) PutMedium(ctx context.Context, m journal.Medium, life time.Duration) error {
	return s.writer.do(ctx, func(t *tx) error {
		expires := t.now.Add(life).UnixMicro()
		n, err := t.changes(t.media.extend, expires, m.Channel, m.Ref)
		if err != nil || n > 0 {
			return err
		}
		id, err := t.insert(t.media.add, m.Channel, m.Ref, m.Sender, expires, len(m.Content), m.MIME, m.Name)
		if err != nil {
			return err
		}
		return t.exec(t.media.addContent, id, blob(m.Content))
	})
}

// blob returns bytes that are not NULL, also when there are none.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// HoldMedia is journal.Journal's.
func (s *Store) HoldMedia(ctx context.Context, k journal.Key, life time.Duration, refs ...string) (missing string, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		missing = "" // the operation may run again
		for _, ref := range refs {
			var free int
			if err := t.query(t.media.isFree, k.Channel, ref, k.Sender, k.ID, t.now.UnixMicro()).Scan(&free); err != nil {
				return err
			}
			if free == 0 {
				missing = ref
				return nil
			}
		}
		for _, ref := range refs {
			if err := t.exec(t.media.hold, k.Channel, ref, k.Sender, k.ID, t.now.Add(life).UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return missing, nil
}

// keepMedia keeps what a message holds with the row of that number.
func (t *tx) keepMedia(e *journal.Entry, number int64) error {
	if !e.Media {
		return nil
	}
	return t.exec(t.media.keep, number, e.Message.Channel, e.Message.Sender, e.Message.ID)
}

// Medium is journal.Journal's.
func (s *Store) Medium(ctx context.Context, channel, ref string) (found *journal.Medium, err error) {
	err = s.read(ctx, "medium", func() error {
		m := &journal.Medium{Channel: channel, Ref: ref}
		err := s.reader.media.medium.QueryRowContext(ctx, channel, ref, s.now().UnixMicro()).Scan(&m.Sender, &m.MIME, &m.Name, &m.Content)
		if errors.Is(err, sql.ErrNoRows) {
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
	return s.writer.do(ctx, func(t *tx) error {
		for _, ref := range refs {
			if err := t.exec(t.media.drop, k.Channel, ref, k.Sender, k.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// MediaUse is journal.Journal's.
func (s *Store) MediaUse(ctx context.Context, channel, sender string) (ofChannel, ofSender journal.MediaUse, err error) {
	err = s.read(ctx, "use of media", func() error {
		r := &s.reader.media
		return errors.Join(
			r.useOfChannel.QueryRowContext(ctx, channel).Scan(&ofChannel.Count, &ofChannel.Bytes),
			r.useOfSender.QueryRowContext(ctx, channel, sender).Scan(&ofSender.Count, &ofSender.Bytes))
	})
	return ofChannel, ofSender, err
}

// oldMedium is a medium that is not kept any more, with its position, 0 for none.
type oldMedium struct{ id, position int64 }

// sweepMedia deletes media that are not kept any more, and returns how many. The reader
// finds them, so that the writer has no more to do than to delete.
func (s *Store) sweepMedia(ctx context.Context, limit int) (int, error) {
	old, err := s.oldMedia(ctx, limit)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	err = s.writer.do(ctx, func(t *tx) error {
		for _, m := range old {
			if err := t.exec(t.media.deleteOld, m.id, m.position, t.now.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(old), nil
}

// oldMedia finds them.
func (s *Store) oldMedia(ctx context.Context, limit int) (old []oldMedium, err error) {
	err = s.read(ctx, "media", func() error {
		r := &s.reader.media
		old, err = scanOldMedia(r.expired.QueryContext(ctx, s.now().UnixMicro(), limit))
		if err != nil || len(old) == limit {
			return err
		}
		orphaned, err := scanOldMedia(r.orphaned.QueryContext(ctx, limit-len(old)))
		old = append(old, orphaned...)
		return err
	})
	return old, err
}

func scanOldMedia(rows *sql.Rows, err error) (old []oldMedium, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var m oldMedium
		if err := rows.Scan(&m.id, &m.position); err != nil {
			return nil, err
		}
		old = append(old, m)
	}
	return old, rows.Err()
}
