package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
)

// statements are prepared on the writer's connection.
type statements struct {
	conn *sql.Conn
	all  []*sql.Stmt

	begin, commit, rollback *sql.Stmt

	remember, dropKeys, beginAsk, stepAsk             *sql.Stmt
	lookup                                            lookup
	addMessage, putMessage, claimMessage, showMessage *sql.Stmt
	retryMessage, buryMessage, removeMessage          *sql.Stmt
	setAsideMessage, forgetMessages                   *sql.Stmt
	addPart, putPart, retryPart, buryPart, removePart *sql.Stmt
	setAsidePart, forgetParts                         *sql.Stmt
	exhume, forgetDeadLetters                         *sql.Stmt
	addEvent, oldestEvents, dropEvents, setSwept      *sql.Stmt
	forgetEvents                                      *sql.Stmt
	meet, leave, forgetConversation                   *sql.Stmt
}

func newStatements(ctx context.Context, db *sql.DB) (*statements, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &statements{conn: conn}
	if s.all, err = prepareAll(ctx, conn, s.sources()); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *statements) close() error {
	return errors.Join(closeAll(s.all), s.conn.Close())
}

// source is the text of a statement and where the statement goes.
type source struct {
	stmt **sql.Stmt
	text string
}

// prepareAll returns those that it has prepared, also when it fails.
func prepareAll(ctx context.Context, on interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}, sources []source) (all []*sql.Stmt, err error) {
	for _, s := range sources {
		if *s.stmt, err = on.PrepareContext(ctx, s.text); err != nil {
			return all, err
		}
		all = append(all, *s.stmt)
	}
	return all, nil
}

func closeAll(all []*sql.Stmt) error {
	var errs []error
	for _, stmt := range all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

func (s *statements) sources() []source {
	return slices.Concat([]source{
		{&s.begin, `BEGIN IMMEDIATE`}, {&s.commit, `COMMIT`}, {&s.rollback, `ROLLBACK`},
	}, s.ofKeys(), s.lookup.sources(), s.ofInbox(), s.ofOutbox(), s.ofDeadLetters(), s.ofEvents())
}

func (s *statements) ofKeys() []source {
	return []source{
		{&s.remember, `INSERT INTO delivery (channel, sender, id, expires, digest) VALUES (?1, ?2, ?3, ?4, ?6)
			ON CONFLICT DO UPDATE SET expires = ?4, digest = ?6, state = NULL, token = NULL, shown = 0, replies = 0, event = NULL
			WHERE expires <= ?5 AND state IS NOT 'running'`},
		{&s.dropKeys, `DELETE FROM delivery WHERE (channel, sender, id) IN
			(SELECT channel, sender, id FROM delivery WHERE expires <= ? AND state IS NOT 'running' LIMIT ?)`},
		{&s.beginAsk, `INSERT INTO delivery (channel, sender, id, expires, digest, state, token, event)
			VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7)
			ON CONFLICT DO UPDATE SET expires = ?4, digest = ?5, state = 'running', token = ?6, shown = 0, replies = 0, event = ?7`},
		{&s.stepAsk, `UPDATE delivery SET shown = shown + ?, replies = replies + ?, state = coalesce(?, state)
			WHERE channel = ? AND sender = ? AND id = ? AND token = ? AND state = 'running'`},
	}
}

func (s *statements) ofInbox() []source {
	return []source{
		{&s.addMessage, `INSERT INTO inbox (channel, sender, attempts, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.putMessage, `INSERT INTO inbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.claimMessage, `UPDATE inbox SET attempts = attempts + 1 WHERE id = ? RETURNING attempts, shown, stored, body`},
		{&s.showMessage, `UPDATE inbox SET shown = shown + 1 WHERE id = ?`},
		{&s.retryMessage, `UPDATE inbox SET due = ? WHERE id = ?`},
		{&s.buryMessage, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM inbox WHERE id = ?`},
		{&s.setAsideMessage, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body, raw)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?,
				json_object('channel', channel, 'sender', sender), body FROM inbox WHERE id = ?`},
		{&s.removeMessage, `DELETE FROM inbox WHERE id = ?`},
		{&s.forgetMessages, `DELETE FROM inbox WHERE channel = ? AND sender = ? RETURNING id`},
	}
}

func (s *statements) ofOutbox() []source {
	return []source{
		{&s.addPart, `INSERT INTO outbox (channel, sender, stored, body) VALUES (?, ?, ?, ?)`},
		{&s.putPart, `INSERT INTO outbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.retryPart, `UPDATE outbox SET due = ?, attempts = attempts + ? WHERE id = ?`},
		{&s.buryPart, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM outbox WHERE id = ?`},
		{&s.setAsidePart, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body, raw)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?,
				json_object('channel', channel, 'sender', sender), body FROM outbox WHERE id = ?`},
		{&s.removePart, `DELETE FROM outbox WHERE id = ?`},
		{&s.forgetParts, `DELETE FROM outbox WHERE channel = ? AND sender = ? RETURNING id`},
	}
}

func (s *statements) ofDeadLetters() []source {
	return []source{
		{&s.exhume, `DELETE FROM dead_letter WHERE id = ?
			RETURNING kind, position, channel, sender, coalesce(raw, body)`},
		{&s.forgetDeadLetters, `DELETE FROM dead_letter WHERE channel = ? AND sender = ?`},
	}
}

func (s *statements) ofEvents() []source {
	return []source{
		{&s.addEvent, `INSERT INTO event (channel, sender, kind, message_id, time, body) VALUES (?, ?, ?, ?, ?, ?)`},
		{&s.oldestEvents, `SELECT cursor, channel, sender, kind, time FROM event ORDER BY cursor LIMIT ?`},
		{&s.dropEvents, `DELETE FROM event WHERE cursor <= ?`},
		{&s.setSwept, `UPDATE store SET swept = ?`},
		{&s.forgetEvents, `DELETE FROM event WHERE channel = ? AND sender = ?`},

		// An active conversation's row is left alone most of the time.
		{&s.meet, `INSERT INTO conversation (channel, sender, address, seen) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET address = ?3, seen = ?4 WHERE address <> ?3 OR seen < ?4 - 86400000000`},
		{&s.leave, `DELETE FROM conversation WHERE channel = ?1 AND sender = ?2 AND NOT EXISTS
			(SELECT 1 FROM event WHERE channel = ?1 AND sender = ?2 AND cursor > ?3 AND kind = 'message')`},
		{&s.forgetConversation, `DELETE FROM conversation WHERE channel = ? AND sender = ?`},
	}
}
