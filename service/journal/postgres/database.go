package postgres

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Codes of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// forever is longer than any program runs.
const forever = 100 * 365 * 24 * time.Hour

// connect opens a pool of at most maxConns connections. It does not close those that are
// old: a connection that was lost is found out when it is used, and each call that writes
// or reads is tried again then.
func connect(ctx context.Context, config *pgxpool.Config, maxConns int32) (*pgxpool.Pool, error) {
	config = config.Copy()
	config.MaxConns = maxConns
	config.MinConns = 0
	config.MaxConnLifetime, config.MaxConnIdleTime, config.HealthCheckPeriod = forever, forever, forever
	return pgxpool.NewWithConfig(ctx, config)
}

// isRejected reports whether PostgreSQL itself rejected a statement, on a connection that
// goes on: then its transaction can't have been committed. FATAL, as at a shutdown, says
// nothing of that.
func isRejected(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR"
}

// isConflict reports whether a transaction failed because of another one only, so that it
// may succeed when it is tried again. Every transaction takes its locks in the same order,
// so that none is to be expected.
func isConflict(err error) bool {
	return hasCode(err, serializationFailure) || hasCode(err, deadlockDetected)
}

func hasCode(err error, code string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == code
}

// collect returns what scan makes of each row. It takes what Query returns.
func collect[T any](rows pgx.Rows, err error, scan func(pgx.Rows, *T) error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(pgx.CollectableRow) (v T, err error) {
		err = scan(rows, &v)
		return v, err
	})
}

// eachRow scans the rows of a statement of a batch.
func eachRow[T any](q *pgx.QueuedQuery, scan func(pgx.Rows) (T, error), f func(T)) {
	q.Query(func(rows pgx.Rows) error {
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				return err
			}
			f(v)
		}
		return rows.Err()
	})
}

// micro is how times are stored.
func micro(t time.Time) int64 { return t.UnixMicro() }

// fromMicro reads a stored time.
func fromMicro(us int64) time.Time { return time.UnixMicro(us) }

// millis is how PostgreSQL takes the value of a timeout.
func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
