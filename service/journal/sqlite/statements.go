package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// statements are prepared on the writer's connection.
type statements struct {
	conn *sql.Conn
	all  []*sql.Stmt

	begin, commit, rollback *sql.Stmt

	remember, sweep                                   *sql.Stmt
	addMessage, putMessage, claimMessage, showMessage *sql.Stmt
	retryMessage, buryMessage, removeMessage          *sql.Stmt
	addPart, putPart, retryPart, buryPart, removePart *sql.Stmt
	exhume                                            *sql.Stmt
}

func newStatements(ctx context.Context, db *sql.DB) (*statements, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &statements{conn: conn}
	for _, p := range s.sources() {
		if *p.stmt, err = conn.PrepareContext(ctx, p.source); err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.all = append(s.all, *p.stmt)
	}
	return s, nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range s.all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

type source struct {
	stmt   **sql.Stmt
	source string
}

func (s *statements) sources() []source {
	return []source{
		{&s.begin, `BEGIN IMMEDIATE`}, {&s.commit, `COMMIT`}, {&s.rollback, `ROLLBACK`},

		{&s.remember, `INSERT INTO delivery (channel, sender, id, expires) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET expires = ?4 WHERE expires <= ?5`},
		{&s.sweep, `DELETE FROM delivery WHERE (channel, sender, id) IN
			(SELECT channel, sender, id FROM delivery WHERE expires <= ? LIMIT ?)`},

		{&s.addMessage, `INSERT INTO inbox (channel, sender, attempts, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.putMessage, `INSERT INTO inbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.claimMessage, `UPDATE inbox SET attempts = attempts + 1 WHERE id = ? RETURNING attempts, shown, stored, body`},
		{&s.showMessage, `UPDATE inbox SET shown = shown + 1 WHERE id = ?`},
		{&s.retryMessage, `UPDATE inbox SET due = ? WHERE id = ?`},
		{&s.buryMessage, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM inbox WHERE id = ?`},
		{&s.removeMessage, `DELETE FROM inbox WHERE id = ?`},

		{&s.addPart, `INSERT INTO outbox (channel, sender, stored, body) VALUES (?, ?, ?, ?)`},
		{&s.putPart, `INSERT INTO outbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.retryPart, `UPDATE outbox SET due = ?, attempts = attempts + ? WHERE id = ?`},
		{&s.buryPart, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM outbox WHERE id = ?`},
		{&s.removePart, `DELETE FROM outbox WHERE id = ?`},

		{&s.exhume, `DELETE FROM dead_letter WHERE id = ? RETURNING kind, position, channel, sender, body`},
	}
}
