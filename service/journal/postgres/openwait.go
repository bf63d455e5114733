package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// openInterval is how long Open pauses between two tries to reach the database.
	openInterval = 500 * time.Millisecond
	// waitReminder is how often Open logs that it waits.
	waitReminder = time.Minute
)

// awaitDatabase returns once the database answers, or says why it never will, or the time
// to wait is over. Without such a time it asks nothing.
func (s *Store) awaitDatabase(ctx context.Context, db *pgxpool.Pool) error {
	if s.options.Wait <= 0 {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Wait, errWaitedLong)
	defer cancel()
	began, next := time.Now(), time.Now()
	for {
		err := s.ping(ctx, db)
		if err == nil || !isAway(err) {
			return err
		}
		if now := time.Now(); !now.Before(next) {
			next = now.Add(waitReminder)
			s.options.Log.Warn("journal postgres: waits for the database", "error", err,
				"left", max(0, s.options.Wait-now.Sub(began)).Round(time.Second))
		}
		if !sleep(ctx, openInterval, nil) {
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

// errWaitedLong says that the database was away for as long as Open waits.
var errWaitedLong = errors.New("the database is away")

func (s *Store) ping(ctx context.Context, db *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	return db.Ping(ctx)
}

// isAway reports whether an error may pass by itself. An error of PostgreSQL does when the
// server starts, stops, or has no connection or memory left:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func isAway(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return true
	}
	for _, class := range []string{"08", "53", "57", "58"} {
		if strings.HasPrefix(e.Code, class) {
			return true
		}
	}
	return false
}
