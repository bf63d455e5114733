package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Type lists the store.
func Type() journal.Type {
	return journal.Type{Name: "postgres", New: func() journal.Config { return &Config{} }}
}

// Config is the block "store: {type: postgres}".
type Config struct {
	// URL is the database's, postgres://user:password@host/name; the tables are made in
	// the first schema of its search_path.
	URL channels.Secret `yaml:"url"`
	// Ordering does nothing since there is one order, that of all replicas. It is taken
	// for one more version, with a warning.
	Ordering *string `yaml:"ordering"`
}

// Validate reports a key that is missing or has a value that can't be. It does not connect,
// which Open does.
func (c *Config) Validate() error {
	switch {
	case c.URL == "":
		return errors.New("url is required")
	case c.Ordering != nil && *c.Ordering != "strict" && *c.Ordering != "replica":
		return fmt.Errorf("ordering is %q, want strict or replica", *c.Ordering)
	}
	if _, err := parse(c.URL.Reveal()); err != nil {
		return err
	}
	return nil
}

// parse reads a URL. Its error holds nothing of the URL, since pgx's may hold the password.
func parse(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("url is not one of a PostgreSQL database: want postgres://user:password@host:port/name")
	}
	return config, nil
}

// Open opens the journal and makes its tables when need be. It waits for a database that is
// away as long as env says.
func (c *Config) Open(ctx context.Context, env journal.Env) (journal.Journal, error) {
	s, err := Open(ctx, c.URL.Reveal(), Options{
		Retention: env.Retention, DeadLetterRetention: env.DeadLetterRetention, StaleAfter: env.StaleAfter,
		Wait: env.StoreWait, Log: env.Log, Committed: env.Committed,
	})
	if err != nil {
		return nil, err
	}
	if c.Ordering != nil {
		s.options.Log.Warn("journal postgres: the key ordering does nothing any more and can be removed: " +
			"callers of all replicas are in one order")
	}
	return s, nil
}

// Inspect is journal.Inspector's. It does not open the store, which would migrate it and
// join the replicas.
func (c *Config) Inspect(ctx context.Context, _ journal.Env) (journal.Inspection, error) {
	config, err := parse(c.URL.Reveal())
	if err != nil {
		return journal.Inspection{}, fmt.Errorf("journal postgres: %w", err)
	}
	db, err := connect(ctx, config, 1)
	if err != nil {
		return journal.Inspection{}, fmt.Errorf("journal postgres: %w", err)
	}
	defer db.Close()
	i, err := inspect(ctx, db)
	if err != nil {
		return journal.Inspection{}, fmt.Errorf("journal postgres: %w", err)
	}
	i.Place = location(config)
	return i, nil
}

func inspect(ctx context.Context, db *pgxpool.Pool) (journal.Inspection, error) {
	var i journal.Inspection
	i.Free = -1
	var made, tallied bool
	err := db.QueryRow(ctx, `SELECT pg_database_size(current_database()),
		to_regclass('dead_letter') IS NOT NULL, to_regclass('tally') IS NOT NULL`).Scan(&i.Bytes, &made, &tallied)
	if err != nil || !made {
		return i, err
	}
	sql := readTally
	if !tallied { // it is of an earlier version
		sql = countRows
	}
	c, err := readRowCounts(ctx, db, sql)
	if err != nil {
		return i, err
	}
	i.Depth, i.Waiting = c.depth(), c.waiting()
	return i, nil
}

// location names a database without its password.
func location(config *pgxpool.Config) string {
	return config.ConnConfig.Host + "/" + config.ConnConfig.Database
}

var (
	_ journal.Config    = (*Config)(nil)
	_ journal.Inspector = (*Config)(nil)
)
