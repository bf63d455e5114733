package postgres

import (
	"context"
	"log/slog"
	"time"
)

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

// Statements returns the statements of the store but those that only set something up.
func Statements() []string {
	all := []string{
		readReplies, readMarker, lockConversations, readConversations, writeConversations,
		readDeadLetters, readDeadLettersOf, locateDeadLetters, takeDeadLetters, readDedupe, writeDedupe,
		readHistory, readAll, readChannel, readConversation, readWaiters, readUngranted, countQueued,
		addReplica, renewReplica, readPrograms, acquireName, releaseName, readAddress,
		writePresence, makeDue, movePresence, countRefused, addRefused, restampFuture, restampFutureParts,
		addLive, readLive, writeLive, writeDoubt, keepReceipts, readGrowing, readTally, foldTally, sweepEvents, sweepMarkers, raiseFloor, sweepKeys, sweepAddresses, sweepDeadLetters,
		lockIdle, sweepIdle, readExpired, readClaims, removeWaitersOf, lockReplica, removeReplica, removeNameLeases,
		shareReplica, advanceMarker, readNumbers, readCursor, keepSetting, addChoices, trimChoices, openChoices, sweepChoices, readChoices, addPaused, removePaused, isPaused, countPaused, readPaused, addEvents, readFirstWaiters, addWaiters, removeWaiters,
		readAliases, hasConversation, putAlias, dropAlias, sweepAliases,
		putMedium, lockMedia, holdMedia, keepMedia, readMedium, dropMedia, readMediaUse, sweepExpiredMedia, sweepOrphanedMedia,
	}
	all = append(all, forgetStatements()...)
	for _, t := range []table{inboxTable(), outboxTable()} {
		all = append(all, t.insert, t.update, t.moveToDead, t.remove, t.first, t.stale, t.present, t.late, t.due)
	}
	return all
}

// FreeClaims frees what a replica has claimed, as when its lease ended.
func (s *Store) FreeClaims(ctx context.Context, replica int64) error {
	return s.freeClaims(ctx, replica, false)
}

// EndValidity lets the replica rely on its lease no more, as when it was not renewed in time.
func (s *Store) EndValidity() { s.lease.validity().end() }

// Renew renews the lease.
func (s *Store) Renew(ctx context.Context) error { return s.lease.renew(ctx) }

// NewValidity returns the methods of a validity.
func NewValidity(until time.Time) (isCertain func() bool, extend func(time.Time) bool) {
	v := newValidity(until)
	return v.isCertain, v.extend
}

// ReportOutage returns the method of an outage.
func ReportOutage(log *slog.Logger, what string) func(error) { return newOutage(log, what).report }

// WithClock returns options of a program whose wall clock is another.
func (o Options) WithClock(now func() time.Time) Options {
	o.wall = now
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
