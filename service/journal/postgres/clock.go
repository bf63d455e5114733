package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// clock tells how old rows are. They are stamped by the wall clock, which may be set while
// the program runs. So an age is what both clocks agree on at least: the wall clock, and
// where that would be now if nobody had set it since the store was opened. A clock that is
// set forward by a day makes nothing a day older.
type clock struct {
	wall   func() time.Time
	opened time.Time
	// elapsed is the time since the store was opened.
	elapsed func() time.Duration
}

// newClock returns a clock that starts now.
func newClock(wall func() time.Time) clock {
	began := time.Now()
	return clock{wall: wall, opened: wall(), elapsed: func() time.Duration { return time.Since(began) }}
}

// forAges is the time from which ages are counted.
func (c *clock) forAges() time.Time {
	now, unset := c.wall(), c.opened.Add(c.elapsed())
	if unset.Before(now) {
		return unset
	}
	return now
}

// now is the time by the wall clock.
func (s *Store) now() time.Time { return s.clock.wall() }

// storedAt returns when a row was stored, with a reading of the monotonic clock, so that
// its age goes on from here whatever happens to the wall clock.
func (t *tx) storedAt(r *row) time.Time {
	return time.Now().Add(-journal.Age(t.clock.forAges(), fromMicro(r.stored)))
}

// restampFuture lets the age of up to $3 rows begin now that were stored later than now,
// by a clock that was set back since. It passes over those that others have locked, and
// waits for nobody, so it may lock them in any order.
const restampFuture = `
UPDATE inbox SET stored = $1 WHERE row = ANY (ARRAY(
	SELECT row FROM inbox WHERE stored > $2 ORDER BY stored LIMIT $3 FOR UPDATE SKIP LOCKED))`

const restampFutureParts = `
UPDATE outbox SET stored = $1 WHERE row = ANY (ARRAY(
	SELECT row FROM outbox WHERE stored > $2 ORDER BY stored LIMIT $3 FOR UPDATE SKIP LOCKED))`

// maxRestamp is how many rows of a table are restamped when the store is opened.
const maxRestamp = 100_000

// restamp lets the ages of rows begin that seem to be stored in the future.
func (s *Store) restamp(ctx context.Context) error {
	now := s.now()
	return pgx.BeginFunc(ctx, s.writePool, func(t pgx.Tx) error {
		for _, sql := range []string{restampFuture, restampFutureParts} {
			if _, err := t.Exec(ctx, sql, micro(now), micro(now.Add(clockSlack)), maxRestamp); err != nil {
				return err
			}
		}
		return nil
	})
}
