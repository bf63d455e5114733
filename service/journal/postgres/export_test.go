package postgres

import "context"

// Exec runs a statement.
func (s *Store) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := s.lead.Exec(ctx, sql, args...)
	return err
}

// Migrations returns options of a program that knows the migrations and so many more.
func (o Options) Migrations(more ...string) Options {
	o.migrations = append(append([]string{}, migrations...), more...)
	return o
}

// Count reads a number.
func (s *Store) Count(ctx context.Context, sql string) (n int, err error) {
	err = s.lead.QueryRow(ctx, sql).Scan(&n)
	return n, err
}

// Lose makes the replica give its lease up, as when it can't learn what became of a
// commit.
func (s *Store) Lose() { s.lease.lose() }
