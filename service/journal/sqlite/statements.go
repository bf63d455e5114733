package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// The statements of the start, of which loadAll is one for each table of what waits.
const (
	endOrphans = `UPDATE delivery SET state = CASE WHEN shown > 0 THEN 'interrupted' ELSE 'failed' END
		WHERE state = 'running'`
	countOpening = `UPDATE store SET openings = openings + 1 RETURNING openings, (SELECT count(*) FROM dead_letter),
		coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)`
	loadAll = `SELECT id, coalesce(position, id), channel, sender, due, postponed, stored FROM %s ORDER BY 2`
)

// The statements of Inspect.
const (
	countByChannel   = `SELECT channel, count(*) FROM %s GROUP BY channel`
	countDeadLetters = `SELECT count(*) FROM dead_letter`
)

// statements are those of the writer, prepared on its connection.
type statements struct {
	conn *sql.Conn
	all  []*sql.Stmt

	begin, commit, rollback *sql.Stmt

	addKey, deleteKeys, beginAsk, stepAsk                     *sql.Stmt
	lookup                                                    lookup
	addMessage, replayMessage, claimMessage, showMessage      *sql.Stmt
	retryMessage, deadLetterOfMessage, removeMessage          *sql.Stmt
	readMessage, quarantineMessage                            *sql.Stmt
	addPart, replayPart, retryPart, removePart                *sql.Stmt
	deadLetterOfPart, readPart, quarantinePart                *sql.Stmt
	addChoices, trimChoices, openChoices                      *sql.Stmt
	deleteChoices, forgetChoices                              *sql.Stmt
	beginPart, completePart, keepPart, keepReceipt            *sql.Stmt
	takeDeadLetter, forgetDeadLetters                         *sql.Stmt
	countRefused, deleteDeadLetters                           *sql.Stmt
	addEvent, addEvents                                       *sql.Stmt
	addEntry, addEntryChunk, setIndexed, unindexed            *sql.Stmt
	forgetIndex, sweepIndex                                   *sql.Stmt
	oldestEvents, deleteEvents, setSwept, forgetEvents        *sql.Stmt
	upsertConversation, sweepConversation, forgetConversation *sql.Stmt

	media   mediaStatements
	aliases aliasStatements
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

// source is the text of a statement and the variable for the prepared statement.
type source struct {
	stmt **sql.Stmt
	text string
}

// prepareAll prepares the statements. It returns those that it has prepared also when it
// fails, so that they can be closed.
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
	}, s.keySources(), s.lookup.sources(), s.inboxSources(), s.outboxSources(), s.liveSources(), s.choiceSources(),
		s.deadLetterSources(), s.eventSources(), s.media.sources(), s.aliasSources())
}

func (s *statements) keySources() []source {
	return []source{
		// A key whose window has passed is taken over, unless the turn of its message runs.
		{&s.addKey, `INSERT INTO delivery (channel, sender, id, expires, digest) VALUES (?1, ?2, ?3, ?4, ?6)
			ON CONFLICT DO UPDATE SET expires = ?4, digest = ?6, state = NULL, token = NULL, shown = 0, replies = 0, event = NULL
			WHERE expires <= ?5 AND state IS NOT 'running'`},
		{&s.deleteKeys, `DELETE FROM delivery WHERE (channel, sender, id) IN
			(SELECT channel, sender, id FROM delivery WHERE expires <= ? AND state IS NOT 'running' LIMIT ?)`},
		{&s.beginAsk, `INSERT INTO delivery (channel, sender, id, expires, digest, state, token, event)
			VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7)
			ON CONFLICT DO UPDATE SET expires = ?4, digest = ?5, state = 'running', token = ?6, shown = 0, replies = 0, event = ?7`},
		{&s.stepAsk, `UPDATE delivery SET shown = shown + ?, replies = replies + ?, state = coalesce(?, state)
			WHERE channel = ? AND sender = ? AND id = ? AND token = ? AND state = 'running'`},
	}
}

func (s *statements) inboxSources() []source {
	return []source{
		{&s.addMessage, `INSERT INTO inbox (channel, sender, attempts, begun, stored, body) VALUES (?1, ?2, ?3, ?3, ?4, ?5)`},
		{&s.replayMessage, `INSERT INTO inbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.claimMessage, `UPDATE inbox SET attempts = attempts + 1, begun = begun + 1 WHERE id = ?
			RETURNING attempts, begun, shown, body`},
		{&s.showMessage, `UPDATE inbox SET shown = shown + 1 WHERE id = ?`},
		{&s.retryMessage, `UPDATE inbox SET due = ?, postponed = ?, attempts = attempts - ? WHERE id = ?`},
		{&s.deadLetterOfMessage, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM inbox WHERE id = ?`},
		{&s.quarantineMessage, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body, raw)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?,
				json_object('channel', channel, 'sender', sender), body FROM inbox WHERE id = ?`},
		{&s.removeMessage, `DELETE FROM inbox WHERE id = ?`},
		{&s.readMessage, `SELECT body FROM inbox WHERE id = ?`},
	}
}

func (s *statements) outboxSources() []source {
	return []source{
		{&s.addPart, `INSERT INTO outbox (channel, sender, stored, body) VALUES (?, ?, ?, ?)`},
		{&s.replayPart, `INSERT INTO outbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.retryPart, `UPDATE outbox SET due = ?, postponed = ?, attempts = attempts + ? WHERE id = ?`},
		{&s.deadLetterOfPart, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, expired, body)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?, ?, body FROM outbox WHERE id = ?`},
		{&s.quarantinePart, `INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body, raw)
			SELECT ?, coalesce(position, id), channel, sender, ?, ?,
				json_object('channel', channel, 'sender', sender), body FROM outbox WHERE id = ?`},
		{&s.removePart, `DELETE FROM outbox WHERE id = ?`},
		{&s.readPart, `SELECT body FROM outbox WHERE id = ?`},
	}
}

func (s *statements) deadLetterSources() []source {
	return []source{
		{&s.takeDeadLetter, `DELETE FROM dead_letter WHERE id = ?
			RETURNING kind, position, channel, sender, coalesce(raw, body)`},
		{&s.forgetDeadLetters, `DELETE FROM dead_letter WHERE channel = ? AND sender = ?`},
		{&s.countRefused, `SELECT count(*) FROM
			(SELECT 1 FROM dead_letter WHERE channel = ? AND sender = ? AND kind = 'refused' LIMIT ?)`},
		{&s.deleteDeadLetters, `DELETE FROM dead_letter WHERE id IN
			(SELECT id FROM dead_letter WHERE died < ? ORDER BY died LIMIT ?)`},
	}
}

// eventsAtOnce is how many rows of events one statement adds, as long as there are so many: to
// run a statement costs as much as a row.
const eventsAtOnce = 8

// insertEvents adds so many rows of events. SQLite would copy each page that a statement of
// several rows changes, to undo what it did when one of them fails; so a failure undoes the
// transaction instead, which the writer gives up anyway.
func insertEvents(n int) string {
	return `INSERT OR ROLLBACK INTO event (cursor, channel, sender, kind, message_id, time, further, body) VALUES ` +
		strings.Repeat(`, (?, ?, ?, ?, ?, ?, ?, ?)`, n)[len(", "):]
}

func (s *statements) eventSources() []source {
	return []source{
		{&s.addEvent, insertEvents(1)}, {&s.addEvents, insertEvents(eventsAtOnce)},
		// The oldest are looked for without an index by time: they were appended first.
		{&s.oldestEvents, `SELECT cursor, channel, sender, kind, time FROM event ORDER BY cursor LIMIT ?`},
		{&s.deleteEvents, `DELETE FROM event WHERE cursor <= ?`},
		{&s.setSwept, `UPDATE store SET swept = ?`},
		{&s.forgetEvents, `DELETE FROM event WHERE channel = ?2 AND sender = ?3 AND cursor IN
			(SELECT cursor FROM event_index WHERE key = ?1 UNION ALL SELECT value FROM json_each(?4))`},

		{&s.addEntry, insertEntries(1)}, {&s.addEntryChunk, insertEntries(entriesAtOnce)},
		{&s.setIndexed, `UPDATE store SET indexed = ?`},
		{&s.unindexed, `SELECT cursor, channel, sender FROM event WHERE cursor > (SELECT indexed FROM store) ORDER BY cursor LIMIT ?`},
		{&s.forgetIndex, `DELETE FROM event_index WHERE key = ? AND NOT EXISTS
			(SELECT 1 FROM event e WHERE e.cursor = event_index.cursor)`},
		{&s.sweepIndex, `DELETE FROM event_index WHERE key = ? AND cursor <= ?`},

		// Seen is not written again so soon, so that a turn seldom changes the row.
		{&s.upsertConversation, `INSERT INTO conversation (channel, sender, address, seen) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET address = ?3, seen = ?4 WHERE address <> ?3 OR seen < ?4 - ?5`},
		{&s.sweepConversation, `DELETE FROM conversation WHERE channel = ?1 AND sender = ?2 AND NOT EXISTS
			(SELECT 1 FROM event_index i CROSS JOIN event e ON e.cursor = i.cursor
				WHERE i.key = ?4 AND i.cursor > ?3 AND e.channel = ?1 AND e.sender = ?2 AND e.kind = 'message')
			AND NOT EXISTS (SELECT 1 FROM event WHERE cursor IN (SELECT value FROM json_each(?5)) AND kind = 'message')`},
		{&s.forgetConversation, `DELETE FROM conversation WHERE channel = ? AND sender = ?`},
	}
}
