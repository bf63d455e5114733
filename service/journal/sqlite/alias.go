package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// aliasTable is a migration. A since of 0 is that of an id that had a conversation before.
const aliasTable = `
CREATE TABLE alias (
	channel TEXT NOT NULL,
	id      TEXT NOT NULL,
	sender  TEXT NOT NULL,
	since   INTEGER NOT NULL,
	named   INTEGER NOT NULL,
	PRIMARY KEY (channel, id)
) WITHOUT ROWID;
CREATE INDEX alias_sender ON alias (channel, sender);
CREATE INDEX alias_named ON alias (named);
`

// readAliases reads all aliases of the senders that the ids, a list in JSON, belong to. An id
// that is no alias may be the name of a sender that has others.
const readAliases = `SELECT id, sender, since, named FROM alias WHERE channel = ?1 AND sender IN
	(SELECT coalesce((SELECT a.sender FROM alias a WHERE a.channel = ?1 AND a.id = j.value), j.value) FROM json_each(?2) j)`

func (s *statements) aliasSources() []source {
	return []source{
		{&s.aliases.read, readAliases},
		{&s.aliases.hasConversation, `SELECT EXISTS (SELECT 1 FROM conversation WHERE channel = ? AND sender = ?)`},
		{&s.aliases.put, `INSERT INTO alias (channel, id, sender, since, named) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT DO UPDATE SET sender = ?3, since = ?4, named = ?5`},
		{&s.aliases.drop, `DELETE FROM alias WHERE channel = ? AND id = ?`},
		{&s.aliases.forget, `DELETE FROM alias WHERE channel = ? AND sender = ?`},
		{&s.aliases.sweep, `DELETE FROM alias WHERE (channel, id) IN (SELECT channel, id FROM alias WHERE named < ? ORDER BY named LIMIT ?)`},
	}
}

// aliasStatements are those of the table alias.
type aliasStatements struct {
	read, hasConversation, put, drop, forget, sweep *sql.Stmt
}

// Unite is journal.Journal's.
func (s *Store) Unite(ctx context.Context, channel string, ids []string) (sender string, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return "", err
	}
	var u journal.Union
	err = s.read(ctx, "aliases", func() error {
		known, err := queryAliases(ctx, s.reader.aliases, channel, list)
		if err == nil {
			u, err = journal.NewUnion(known, ids, nil, s.now())
		}
		return err
	})
	if err != nil || u.IsNothing() {
		return u.Sender, err
	}
	err = s.writer.do(ctx, func(t *tx) error {
		sender, err = t.unite(channel, ids, list)
		return err
	})
	return sender, err
}

// unite is Unite in a transaction: another may have united the ids meanwhile.
func (t *tx) unite(channel string, ids []string, list []byte) (sender string, err error) {
	known, err := queryAliases(context.Background(), t.aliases.read, channel, list)
	if err != nil {
		return "", err
	}
	has := func(id string) (has bool, err error) {
		err = t.query(t.aliases.hasConversation, channel, id).Scan(&has)
		return has, err
	}
	u, err := journal.NewUnion(known, ids, has, t.now)
	if err != nil {
		return "", err
	}
	for _, a := range u.Put {
		if err := t.exec(t.aliases.put, channel, a.ID, a.Sender, aliasTime(a.Since), a.Named.UnixMicro()); err != nil {
			return "", err
		}
	}
	for _, id := range u.Drop {
		if err := t.exec(t.aliases.drop, channel, id); err != nil {
			return "", err
		}
	}
	return u.Sender, nil
}

// aliasTime returns the column of Since.
func aliasTime(since time.Time) int64 {
	if since.IsZero() {
		return 0
	}
	return since.UnixMicro()
}

func queryAliases(ctx context.Context, read *sql.Stmt, channel string, ids []byte) (all []journal.Alias, err error) {
	rows, err := read.QueryContext(ctx, channel, string(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var a journal.Alias
		var since, named int64
		if err := rows.Scan(&a.ID, &a.Sender, &since, &named); err != nil {
			return nil, err
		}
		if since != 0 {
			a.Since = time.UnixMicro(since).UTC()
		}
		a.Named = time.UnixMicro(named).UTC()
		all = append(all, a)
	}
	return all, rows.Err()
}

// Ids is journal.Journal's.
func (s *Store) Ids(ctx context.Context, c channels.Conversation) (ids []string, err error) { //nolint:revive // the role's name
	list, err := json.Marshal([]string{c.Sender})
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "aliases", func() error {
		all, err := queryAliases(ctx, s.reader.aliases, c.Channel, list)
		ids = journal.SortAliases(all, c)
		return err
	})
	return ids, err
}

// sweepAliases deletes aliases that were not named for long enough.
func (s *Store) sweepAliases(t *tx, limit int) (int, error) {
	n, err := t.changes(t.aliases.sweep, t.now.Add(-journal.AliasAge(s.retention)).UnixMicro(), limit)
	return int(n), err
}
