package journal

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Type is a kind of store that endpoints.yml can name.
type Type struct {
	// Name is the value of "type:" in the block "store:".
	Name string
	// New returns the configuration with its defaults.
	New func() Config
}

// Config is the block "store:" of endpoints.yml, without the key type: a pointer to a
// struct whose fields have yaml tags (see config.Block.Decode).
type Config interface {
	// Validate reports what is missing or contradicts itself, naming the key.
	Validate() error
	// Open opens the store, makes it when need be, and locks it against others.
	Open(ctx context.Context, env Env) (Journal, error)
}

// Env is what a store is given besides its configuration.
type Env struct {
	// DataDir is where files go.
	DataDir string
	// Log is the program's.
	Log *slog.Logger
	// Retention is how long events are kept. 0 keeps them for DefaultRetention, but
	// without anything that was written.
	Retention time.Duration
	// DeadLetterRetention is how long dead letters are kept; 0 means
	// DefaultDeadLetterRetention.
	DeadLetterRetention time.Duration
	// StaleAfter is the age from which a stored message or part is not worked on any
	// more: Sweep makes it a dead letter of KindExpired. 0 means DefaultStaleAfter.
	StaleAfter time.Duration
	// StoreWait is how long Open waits for a store that is away, such as a database that
	// starts at the same time, before it fails. It logs that it waits, once a minute. 0
	// fails at once; what can't pass by itself, such as a wrong password, always does.
	StoreWait time.Duration
	// Committed is called once for each write transaction, when its outcome is known:
	// with nil when it was committed, else with why it was not. A transaction that was
	// given up because the caller's context ended, a claim was lost or the store was
	// closed is not reported, since it says nothing of the journal. It may be called
	// concurrently and must not block. Nil reports nothing.
	Committed func(error)
}

// Report calls Committed as its comment says, so that no store has to sort the errors
// itself. Ctx is that of the transaction's caller, nil when it has none or several.
func (e *Env) Report(ctx context.Context, err error) {
	switch {
	case e.Committed == nil:
	case err == nil:
		e.Committed(nil)
	case ctx != nil && ctx.Err() != nil, errors.Is(err, ErrFenced), errors.Is(err, ErrClosed), errors.Is(err, ErrQueueFull):
	default:
		e.Committed(err)
	}
}

// What holds where endpoints.yml says nothing.
const (
	// DefaultRetention is how long events are kept.
	DefaultRetention = 30 * 24 * time.Hour
	// DefaultDeadLetterRetention is how long dead letters are kept.
	DefaultDeadLetterRetention = 90 * 24 * time.Hour
	// DefaultStaleAfter is the age from which nothing is answered or sent any more.
	DefaultStaleAfter = 24 * time.Hour
)

// Inspector is a Config that can describe its store while another process has it
// open.
type Inspector interface {
	// Inspect changes nothing. There need not be a store yet: then nothing waits.
	Inspect(ctx context.Context, env Env) (Inspection, error)
}

// Inspection describes a store.
type Inspection struct {
	// Place says where it is, without any secret.
	Place string
	// Bytes is how large it is.
	Bytes int64
	Depth
	Waiting map[string]Waiting
}

// Backuper is a Config that can copy its store while another process has it open.
type Backuper interface {
	// Backup writes a consistent copy to a file that must not exist yet.
	Backup(ctx context.Context, env Env, file string) error
}
