package postgres

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// Options are the settings of a store. The zero value serves.
type Options struct {
	// Retention is journal.Env's; negative means journal.DefaultRetention.
	Retention time.Duration
	// DeadLetterRetention and StaleAfter are journal.Env's.
	DeadLetterRetention, StaleAfter time.Duration
	// Wait is journal.Env.StoreWait.
	Wait time.Duration
	// Log is the program's; nil discards.
	Log *slog.Logger
	// Committed is journal.Env's.
	Committed func(error)

	// Lease is how long a replica that is not heard of keeps its claims, by the database's
	// clock; 0 means 3 s. It is renewed every Heartbeat, by default a sixth of it, so that
	// several may fail. A lease of 3 s keeps the promise that a replica that died is
	// replaced within 4 s (docs/delivery.md).
	Lease, Heartbeat time.Duration
	// Poll is how often the store looks for what other replicas changed, should a
	// notification be lost; 0 means 500 ms.
	Poll time.Duration
	// Timeout is how long a call waits for the database; 0 means 4 s.
	Timeout time.Duration
	// CountsMaxAge is how old Depth and Waiting may be; 0 means 1 s, which is what
	// journal.Journal allows.
	CountsMaxAge time.Duration
	// NoNotify says neither to listen for notifications nor to send any.
	NoNotify bool

	// migrations are other than the package's in tests, wall other than the wall clock.
	migrations []string
	wall       func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Retention < 0 {
		o.Retention = journal.DefaultRetention
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.wall == nil {
		o.wall = func() time.Time { return time.Now().Round(0) }
	}
	o.DeadLetterRetention = cmp.Or(o.DeadLetterRetention, journal.DefaultDeadLetterRetention)
	o.StaleAfter = cmp.Or(o.StaleAfter, journal.DefaultStaleAfter)
	o.Lease = cmp.Or(o.Lease, 3*time.Second)
	o.Heartbeat = cmp.Or(o.Heartbeat, o.Lease/6)
	o.Poll = cmp.Or(o.Poll, 500*time.Millisecond)
	o.Timeout = cmp.Or(o.Timeout, 4*time.Second)
	o.CountsMaxAge = cmp.Or(o.CountsMaxAge, time.Second)
	if o.migrations == nil {
		o.migrations = migrations
	}
	return o
}

// report calls Committed with the outcome of a write transaction. Ctx is that of its
// caller; a transaction that several callers share, or none, has context.Background.
func (o *Options) report(ctx context.Context, err error) {
	env := journal.Env{Committed: o.Committed}
	env.Report(ctx, err)
}

// idleTimeout is how long PostgreSQL lets a transaction stand still. It must end before the
// lease does, so that whoever takes over finds the conversations unlocked.
func (o *Options) idleTimeout() time.Duration { return min(o.validity(), 10*time.Second) }

// validity is how long after it was renewed a replica relies on its lease: two thirds of
// it, so that a clock that runs slow, or a renewal whose answer took long, does no harm.
func (o *Options) validity() time.Duration { return o.Lease * 2 / 3 }

// maxEventAge is how long events are kept.
func (o *Options) maxEventAge() time.Duration { return cmp.Or(o.Retention, journal.DefaultRetention) }
