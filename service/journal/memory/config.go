package memory

import (
	"context"

	"github.com/manyvox/manyvox/service/journal"
)

// Type lists the store.
func Type() journal.Type {
	return journal.Type{Name: "memory", New: func() journal.Config { return &Config{} }}
}

// Config is the block "store: {type: memory}". It has no keys.
type Config struct{}

// Validate has nothing to find.
func (*Config) Validate() error { return nil }

// Open opens an empty journal and warns of what that means.
func (*Config) Open(_ context.Context, env journal.Env) (journal.Journal, error) {
	env.Log.Warn("store memory: messages that wait are lost when the program ends")
	return newStore(env), nil
}

var _ journal.Config = (*Config)(nil)
