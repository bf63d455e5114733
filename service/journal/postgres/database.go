package postgres

import (
	"context"
	"errors"
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

// connect opens a pool of at most so many connections. It does not close those that
// are old: a connection that was lost is found out when it is used.
func connect(ctx context.Context, config *pgxpool.Config, most int32) (*pgxpool.Pool, error) {
	config = config.Copy()
	config.MaxConns = most
	config.MinConns = 0
	config.MaxConnLifetime, config.MaxConnIdleTime, config.HealthCheckPeriod = forever, forever, forever
	return pgxpool.NewWithConfig(ctx, config)
}

// refused reports whether PostgreSQL itself refused a statement, on a connection that
// goes on: then its transaction can't have been committed.
func refused(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR"
}

// collides reports whether a transaction failed because of another one only.
func collides(err error) bool {
	return hasCode(err, serializationFailure) || hasCode(err, deadlockDetected)
}

func hasCode(err error, code string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == code
}

// collect returns what scan makes of each row.
func collect[T any](rows pgx.Rows, err error, scan func(pgx.Rows, *T) error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (v T, err error) {
		err = scan(rows, &v)
		return v, err
	})
}

// micro is how times are stored.
func micro(t time.Time) int64 { return t.UnixMicro() }

// fromMicro reads a stored time.
func fromMicro(us int64) time.Time { return time.UnixMicro(us) }
