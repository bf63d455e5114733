package sqlite

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// Options of a store; the zero value holds the defaults.
type Options struct {
	// LockWait is how long Open waits for another process to release the directory;
	// zero means 10 s, less than zero not at all.
	LockWait time.Duration
	// Retention is how long events are kept; zero means journal.DefaultRetention.
	Retention time.Duration
	// Textless keeps events without what was written, and has SQLite overwrite what is
	// deleted.
	Textless bool
	// DeadLetterRetention is how long dead letters are kept; zero means
	// journal.DefaultDeadLetterRetention.
	DeadLetterRetention time.Duration
	// StaleAfter is the age from which what waits expires; zero means
	// journal.DefaultStaleAfter.
	StaleAfter time.Duration
	// Log is told when the files are gone; nil logs nothing.
	Log *slog.Logger
	// Now is the wall clock; nil means time.Now.
	Now func() time.Time
	// Committed is called for each write transaction, as that of journal.Env is.
	Committed func(error)

	// network names the network file system that holds a directory; nil asks the system.
	network func(dir string) (string, error)
	// watchEvery is how often an idle store looks at its files; zero means watchEvery.
	watchEvery time.Duration
	// maxRecent is how many rows of events may be without an entry; zero means maxRecent.
	maxRecent int
	// migrations that the program knows; nil means all.
	migrations []string
}

// pragmas returns those of the writer's connection.
func (o *Options) pragmas() []string {
	if o.Textless {
		// What was written lives on in free pages otherwise:
		// https://sqlite.org/pragma.html#pragma_secure_delete
		return append(slices.Clone(durable), "secure_delete(1)")
	}
	return durable
}

// now returns the wall clock.
func (o *Options) now() func() time.Time {
	if o.Now != nil {
		return o.Now
	}
	return time.Now
}

func (o *Options) logger() *slog.Logger {
	if o.Log != nil {
		return o.Log
	}
	return slog.New(slog.DiscardHandler)
}

// report reports a transaction, as journal.Env does.
func (o *Options) report(ctx context.Context, err error) {
	(&journal.Env{Committed: o.Committed}).Report(ctx, err)
}

func (o *Options) knownMigrations() []string {
	if o.migrations != nil {
		return o.migrations
	}
	return migrations
}
