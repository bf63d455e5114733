package sqlite

import (
	"context"

	"github.com/manyvox/manyvox/service/journal"
)

// Type lists the store.
func Type() journal.Type {
	return journal.Type{Name: "sqlite", New: func() journal.Config { return &Config{} }}
}

// Config is the block "store: {type: sqlite}". It has no keys: the file is in the data
// directory, and it is always written with the same care.
type Config struct{}

// Validate has nothing to find.
func (*Config) Validate() error { return nil }

// Open opens the journal in the data directory.
func (*Config) Open(ctx context.Context, env journal.Env) (journal.Journal, error) {
	return Open(ctx, env.DataDir, optionsOf(env))
}

func optionsOf(env journal.Env) Options {
	return Options{
		Retention: env.Retention, Textless: env.Retention == 0, DeadLetterRetention: env.DeadLetterRetention,
		StaleAfter: env.StaleAfter, Committed: env.Committed, Log: env.Log,
	}
}

var _ journal.Config = (*Config)(nil)
