package sqlite

import (
	"context"
	"fmt"
)

// OnNetwork returns options for a directory on a network file system.
func (o Options) OnNetwork(name string) Options {
	o.network = func(string) (string, error) { return name, nil }
	return o
}

// Exec runs a statement on the writer's connection, outside of its transactions.
func (s *Store) Exec(ctx context.Context, statement string) error {
	_, err := s.writer.statements.conn.ExecContext(ctx, statement)
	return err
}

// Hold keeps the writer busy until release is closed, so that what is asked for
// meanwhile shares a transaction.
func (s *Store) Hold(release <-chan struct{}) error {
	return s.writer.do(context.Background(), func(*tx) error {
		<-release
		return nil
	})
}

// Check has SQLite look for damage in the file.
func (s *Store) Check(ctx context.Context) error {
	var found string
	if err := s.reader.pool.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("integrity check: %s", found)
	}
	return nil
}
