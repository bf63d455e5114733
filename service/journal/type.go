package journal

import (
	"context"
	"log/slog"
)

// Type is a kind of store that endpoints.yml can name.
type Type struct {
	// Name is the value of "type:" in the block "store:".
	Name string
	// New returns the configuration with its defaults.
	New func() Config
}

// Config is the block "store:" of endpoints.yml, without the key type: a pointer to a
// struct whose fields have yaml tags (see channels.Block.Decode).
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
}
