package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// The table tally says how many rows the inbox, the outbox and the dead letters have. A
// trigger adds what each statement adds or takes away, in the same transaction, so it is
// right at every moment, also beside programs of an earlier version, which know nothing of
// it. Each adds rows of its own, since a row that all update would make the commits of all
// replicas wait for each other. Now and then the rows are summed up, so that there are few.

const (
	readTally = `SELECT queue, channel, sum(n)::bigint, count(*) FROM tally GROUP BY queue, channel`

	// foldTally sums up the rows that nobody else sums up at the same time.
	foldTally = `
WITH old AS (DELETE FROM tally WHERE ctid = ANY (ARRAY(SELECT ctid FROM tally FOR UPDATE SKIP LOCKED))
	RETURNING queue, channel, n)
INSERT INTO tally (queue, channel, n)
SELECT queue, channel, sum(n) FROM old GROUP BY queue, channel HAVING sum(n) <> 0`

	// maxTally is from how many rows on they are summed up: to read them takes 1 ms.
	maxTally = 2000
)

// foldTally sums the rows up. What it writes says the same in other rows, so it need not
// wait for the disk, and is no transaction of which journal.Env.Committed wants to hear.
func (s *Store) foldTally(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.readPool, func(t pgx.Tx) error {
		if _, err := t.Exec(ctx, `SET LOCAL synchronous_commit = off`); err != nil {
			return err
		}
		_, err := t.Exec(ctx, foldTally)
		return err
	})
}
