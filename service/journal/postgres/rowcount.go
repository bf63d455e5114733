package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/service/journal"
)

// What waits is counted when somebody asks, by reading the three tables. Counts
// that are kept up to date would be rows that every commit of every replica has to lock.

// rowCounts counts what waits.
type rowCounts struct {
	inbox, outbox map[string]int
	deadLetters   int
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

const readCounts = `
SELECT 'inbox', channel, count(*) FROM inbox GROUP BY channel
UNION ALL SELECT 'outbox', channel, count(*) FROM outbox GROUP BY channel
UNION ALL SELECT 'dead', '', count(*) FROM dead_letter`

func readRowCounts(ctx context.Context, db *pgxpool.Pool) (*rowCounts, error) {
	rows, err := db.Query(ctx, readCounts)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	c := &rowCounts{inbox: map[string]int{}, outbox: map[string]int{}}
	for rows.Next() {
		var table, channel string
		var n int
		if err := rows.Scan(&table, text(&channel), &n); err != nil {
			return nil, err
		}
		switch table {
		case "inbox":
			c.inbox[channel] = n
		case "outbox":
			c.outbox[channel] = n
		default:
			c.deadLetters = n
		}
	}
	return c, rows.Err()
}

// countCache keeps the counts for a while: counting reads whole tables, and scrapes, health
// checks and the limit of the inbox all ask for them.
type countCache struct {
	// sem holds a value while somebody counts. It is no mutex, so that whoever waits for it
	// can give up with its context.
	sem  chan struct{}
	last *rowCounts
	err  error
	at   time.Time
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
	err := s.read(ctx, func(ctx context.Context) (err error) {
		c.last, err = readRowCounts(ctx, s.readPool)
		return err
	})
	if ctx.Err() == nil {
		c.err, c.at = err, time.Now()
	}
	return c.last, err
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
