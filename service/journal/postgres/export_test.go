package postgres

import "context"

// Exec runs a statement.
func (s *Store) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := s.writePool.Exec(ctx, sql, args...)
	return err
}

// WithMigrations returns options of a program that knows more migrations.
func (o Options) WithMigrations(more ...string) Options {
	o.migrations = append(append([]string{}, migrations...), more...)
	return o
}

// FirstMigrations returns options of a program that knows the first n migrations.
func (o Options) FirstMigrations(n int) Options {
	o.migrations = migrations[:n]
	return o
}

// QueryInt reads a number.
func (s *Store) QueryInt(ctx context.Context, sql string) (n int, err error) {
	err = s.writePool.QueryRow(ctx, sql).Scan(&n)
	return n, err
}

// AbandonLease makes the replica give its lease up, as when it can't learn what became of a
// commit.
func (s *Store) AbandonLease() { s.lease.abandon() }

// Alone reports whether the store knows of no other replica.
func (s *Store) Alone() bool { return s.lease.alone() }

// ReplicaID is the replica's number.
func (s *Store) ReplicaID() int64 { return s.lease.replicaID() }

// Rescan makes the store look for parts, as polling does.
func (s *Store) Rescan() { s.outbox.rescan() }

// HasFormerIDs reports whether readers may still stand as connected to an earlier number.
func (s *Store) HasFormerIDs() bool {
	s.lease.mu.Lock()
	defer s.lease.mu.Unlock()
	return len(s.lease.formerIDs) > 0
}

// AddFormerID lets readers stand as connected to an earlier number, without asking for a
// heartbeat.
func (s *Store) AddFormerID(number int64) {
	s.lease.mu.Lock()
	defer s.lease.mu.Unlock()
	s.lease.formerIDs = append(s.lease.formerIDs, number)
}

// HasConsumer reports whether somebody waits in NextPart.
func (s *Store) HasConsumer() bool {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.consumers.Len() > 0
}
