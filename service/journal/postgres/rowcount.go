package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/service/journal"
)

// rowCounts counts what waits.
type rowCounts struct {
	inbox, outbox map[string]int
	deadLetters   int
	// rows is how many of the tally were summed up for that.
	rows int
}

func (c *rowCounts) depth() journal.Depth {
	d := journal.Depth{DeadLetters: c.deadLetters, Free: -1}
	for _, n := range c.inbox {
		d.Inbox += n
	}
	for _, n := range c.outbox {
		d.Outbox += n
	}
	return d
}

func (c *rowCounts) waiting() map[string]journal.Waiting { return journal.WaitingOf(c.inbox, c.outbox) }

// countRows reads the tables, in the form of readTally.
const countRows = `
SELECT 'inbox', channel, count(*), 0 FROM inbox GROUP BY channel
UNION ALL SELECT 'outbox', channel, count(*), 0 FROM outbox GROUP BY channel
UNION ALL SELECT 'dead_letter', channel, count(*), 0 FROM dead_letter GROUP BY channel`

// readRowCounts returns what readTally or countRows says.
func readRowCounts(ctx context.Context, db *pgxpool.Pool, sql string) (*rowCounts, error) {
	rows, err := db.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	c := &rowCounts{inbox: map[string]int{}, outbox: map[string]int{}}
	for rows.Next() {
		var table, channel string
		var n, parts int
		if err := rows.Scan(&table, text(&channel), &n, &parts); err != nil {
			return nil, err
		}
		c.rows += parts
		switch {
		case n <= 0: // nothing is left
		case table == "inbox":
			c.inbox[channel] = n
		case table == "outbox":
			c.outbox[channel] = n
		default:
			c.deadLetters += n
		}
	}
	return c, rows.Err()
}

// keepCounts is how long counts are given out when no newer ones can be had. The limits go
// by them: without any they would be off just when the database is overloaded.
const keepCounts = time.Minute

// countTimeout is how long counting may take, which each message waits for: it is a matter
// of milliseconds, unless the database is overloaded or away.
const countTimeout = time.Second

// countCache keeps the counts for a while: scrapes, health checks and the limit of the inbox
// all ask for them, the last with each message.
type countCache struct {
	// sem holds a value while somebody counts. It is no mutex, so that whoever waits for it
	// can give up with its context.
	sem  chan struct{}
	last *rowCounts
	err  error
	// at is when it was counted or tried last, counted when the last counts were read.
	at, counted time.Time
}

// rowCounts returns counts that are not too old, or why there are none. Callers wait for
// who counts.
func (s *Store) rowCounts(ctx context.Context) (*rowCounts, error) {
	if err := s.ended(ctx); err != nil {
		return nil, err
	}
	c := &s.countCache
	select {
	case c.sem <- struct{}{}:
		defer func() { <-c.sem }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !c.at.IsZero() && time.Since(c.at) < s.options.CountsMaxAge {
		return c.last, c.err
	}
	s.count(ctx)
	return c.last, c.err
}

// count counts anew. Counts that can't be had leave the last ones for a while.
func (s *Store) count(ctx context.Context) {
	c := &s.countCache
	err := s.read(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, countTimeout)
		defer cancel()
		counts, err := readRowCounts(ctx, s.readPool, readTally)
		if err == nil {
			c.last, c.counted = counts, time.Now()
		}
		return err
	})
	if err == nil && c.last.rows > maxTally {
		_ = s.read(ctx, s.foldTally) // it is tried again with the next count
	}
	if c.err = err; ctx.Err() != nil || isClosed(err) {
		c.at = time.Time{} // it says nothing to the next caller
		return
	}
	c.at = time.Now()
	s.counts.report(err)
	if c.last != nil && time.Since(c.counted) < keepCounts {
		c.err = nil
	}
}

// Depth is journal.Journal's. Callers of Acquire are not counted.
func (s *Store) Depth(ctx context.Context) (journal.Depth, error) {
	c, err := s.rowCounts(ctx)
	if err != nil {
		return journal.Depth{}, err
	}
	return c.depth(), nil
}

// Waiting is journal.Journal's.
func (s *Store) Waiting(ctx context.Context) (map[string]journal.Waiting, error) {
	c, err := s.rowCounts(ctx)
	if err != nil {
		return nil, err
	}
	return c.waiting(), nil
}
