package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// aliasTable is a migration. A since of 0 is that of an id that had a conversation before. The
// rows are changed by Unite under a lock of the table, so that no two replicas unite at once;
// most calls change nothing and take no lock.
const aliasTable = `
CREATE TABLE alias (
	channel bytea  NOT NULL,
	id      bytea  NOT NULL,
	sender  bytea  NOT NULL,
	since   bigint NOT NULL,
	named   bigint NOT NULL,
	PRIMARY KEY (channel, id)
);
CREATE INDEX alias_sender ON alias (channel, sender);
CREATE INDEX alias_named ON alias (named);
`

const (
	// lockAliases lets others read. Who holds it waits for nobody.
	lockAliases = `LOCK TABLE alias IN SHARE ROW EXCLUSIVE MODE`
	// readAliases reads all aliases of the senders that the ids belong to. An id that is no
	// alias may be the name of a sender that has others.
	readAliases = `
SELECT id, sender, since, named FROM alias WHERE channel = $1 AND sender = ANY (ARRAY(
	SELECT coalesce((SELECT a.sender FROM alias a WHERE a.channel = $1 AND a.id = u.id), u.id) FROM unnest($2::bytea[]) u (id)))`
	hasConversation = `SELECT EXISTS (SELECT FROM conversation WHERE channel = $1 AND sender = $2)`
	putAlias        = `
INSERT INTO alias (channel, id, sender, since, named) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (channel, id) DO UPDATE SET sender = excluded.sender, since = excluded.since, named = excluded.named`
	dropAlias     = `DELETE FROM alias WHERE channel = $1 AND id = $2`
	forgetAliases = `DELETE FROM alias WHERE channel = $1 AND sender = $2`
	sweepAliases  = `
DELETE FROM alias WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM alias WHERE named < $1 ORDER BY named LIMIT $2 FOR UPDATE SKIP LOCKED))`
)

// Unite is journal.Journal's. It needs no lock of a conversation, so that it does not pass
// the writer.
func (s *Store) Unite(ctx context.Context, channel string, ids []string) (sender string, err error) {
	now := s.clock.forAges()
	changes := true
	err = s.read(ctx, func(ctx context.Context) error {
		known, err := queryAliases(ctx, s.readPool, channel, ids)
		if err != nil {
			return err
		}
		u, err := journal.NewUnion(known, ids, nil, now)
		sender, changes = u.Sender, !u.IsNothing()
		if err != nil || !changes {
			return err
		}
		return pgx.BeginFunc(ctx, s.readPool, func(t pgx.Tx) error {
			sender, err = unite(ctx, t, channel, ids, now)
			return err
		})
	})
	if changes { // what only reads is not reported
		s.options.report(ctx, err)
	}
	if err != nil {
		return "", err
	}
	return sender, nil
}

// unite is Unite in a transaction: another may have united the ids meanwhile.
func unite(ctx context.Context, t pgx.Tx, channel string, ids []string, now time.Time) (sender string, err error) {
	if _, err := t.Exec(ctx, lockAliases); err != nil {
		return "", err
	}
	known, err := queryAliases(ctx, t, channel, ids)
	if err != nil {
		return "", err
	}
	has := func(id string) (has bool, err error) {
		err = t.QueryRow(ctx, hasConversation, []byte(channel), []byte(id)).Scan(&has)
		return has, err
	}
	u, err := journal.NewUnion(known, ids, has, now)
	if err != nil {
		return "", err
	}
	b := &pgx.Batch{}
	for _, a := range u.Put {
		b.Queue(putAlias, []byte(channel), []byte(a.ID), []byte(a.Sender), aliasTime(a.Since), micro(a.Named))
	}
	for _, id := range u.Drop {
		b.Queue(dropAlias, []byte(channel), []byte(id))
	}
	return u.Sender, t.SendBatch(ctx, b).Close()
}

// aliasTime returns the column of Since.
func aliasTime(since time.Time) int64 {
	if since.IsZero() {
		return 0
	}
	return micro(since)
}

// querier reads in a transaction or without one.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func queryAliases(ctx context.Context, on querier, channel string, ids []string) ([]journal.Alias, error) {
	rows, err := on.Query(ctx, readAliases, []byte(channel), column(ids, func(id string) []byte { return []byte(id) }))
	return collect(rows, err, scanAlias)
}

func scanAlias(rows pgx.Rows, a *journal.Alias) error {
	var since, named int64
	err := rows.Scan(text(&a.ID), text(&a.Sender), &since, &named)
	if since != 0 {
		a.Since = fromMicro(since).UTC()
	}
	a.Named = fromMicro(named).UTC()
	return err
}

// Ids is journal.Journal's.
func (s *Store) Ids(ctx context.Context, c channels.Conversation) (ids []string, err error) { //nolint:revive // the role's name
	err = s.read(ctx, func(ctx context.Context) error {
		all, err := queryAliases(ctx, s.readPool, c.Channel, []string{c.Sender})
		ids = journal.SortAliases(all, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}
