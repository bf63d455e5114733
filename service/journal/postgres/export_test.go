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

// First returns options of a program that knows so many migrations.
func (o Options) First(n int) Options {
	o.migrations = migrations[:n]
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

// Alone reports whether the store knows of no other replica.
func (s *Store) Alone() bool { return s.lease.alone() }

// Number is the replica's.
func (s *Store) Number() int64 { return s.lease.current() }

// Look makes the store look for parts, as polling does.
func (s *Store) Look() { s.outbox.look() }

// Succeeds reports whether readers may still be held under an earlier number.
func (s *Store) Succeeds() bool {
	s.lease.mu.Lock()
	defer s.lease.mu.Unlock()
	return len(s.lease.former) > 0
}

// Former lets readers be held under an earlier number, and nobody make haste.
func (s *Store) Former(number int64) {
	s.lease.mu.Lock()
	defer s.lease.mu.Unlock()
	s.lease.former = append(s.lease.former, number)
}

// Takes reports whether somebody waits in NextPart.
func (s *Store) Takes() bool {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.takers.Len() > 0
}
