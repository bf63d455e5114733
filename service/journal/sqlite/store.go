// Package sqlite is the journal in one SQLite file, for one process at a time.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// Options of a store; the zero value holds the defaults.
type Options struct {
	// LockWait is how long Open waits for another process to release the directory;
	// zero means 10 s, less than zero not at all.
	LockWait time.Duration

	// network names the network file system that holds a directory; nil asks the system.
	network func(dir string) (string, error)
}

// Store is a journal in one SQLite file.
type Store struct {
	inbox  *journal.Lines[*journal.Turn]
	outbox *journal.Lines[*journal.Delivery]
	// dead is how many dead letters there are.
	dead atomic.Int64

	lock   *lock
	db     *sql.DB // the writer's, of one connection
	writer *writer
	reader *reader
	close  func() error
}

// Open opens the journal in dir, which it makes when there is none. It fails when dir
// is on a network file system, or stays locked by another process.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	s := &Store{}
	if err := s.open(ctx, dir, o); err != nil {
		return nil, fmt.Errorf("journal %s: %w", dir, errors.Join(err, s.release()))
	}
	s.close = sync.OnceValue(s.shut)
	s.writer.start()
	return s, nil
}

func (s *Store) open(ctx context.Context, dir string, o Options) (err error) {
	if err := prepare(dir, o.network); err != nil {
		return err
	}
	if s.lock, err = acquire(ctx, filepath.Join(dir, "lock"), o.LockWait); err != nil {
		return err
	}
	file := filepath.Join(dir, "journal.db")
	if err := create(file); err != nil {
		return err
	}
	if s.db, err = connect(file, 1, durable...); err != nil {
		return err
	}
	if err := migrate(ctx, s.db); err != nil {
		return err
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	if s.reader, err = newReader(ctx, file); err != nil {
		return err
	}
	s.writer, err = newWriter(ctx, s.db)
	return err
}

// load builds the lines of what is stored.
func (s *Store) load(ctx context.Context) error {
	var openings, dead int64
	const next = `UPDATE store SET openings = openings + 1 RETURNING openings, (SELECT count(*) FROM dead_letter)`
	if err := s.db.QueryRowContext(ctx, next).Scan(&openings, &dead); err != nil {
		return err
	}
	s.dead.Store(dead)
	// 2^40 tokens per opening: a claim of an earlier one is never taken for current.
	s.inbox = journal.NewLines[*journal.Turn](openings << 40)
	s.outbox = journal.NewLines[*journal.Delivery](openings << 40)
	s.outbox.Open()
	const rows = `SELECT id, coalesce(position, id), channel, sender, due FROM %s ORDER BY 2`
	return errors.Join(
		fill(ctx, s.db, fmt.Sprintf(rows, "inbox"), s.inbox),
		fill(ctx, s.db, fmt.Sprintf(rows, "outbox"), s.outbox))
}

func fill[T any](ctx context.Context, db *sql.DB, query string, l *journal.Lines[T]) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var r journal.Row[T]
		var due int64
		if err := rows.Scan(&r.Number, &r.Position, &r.Conversation.Channel, &r.Conversation.Sender, &due); err != nil {
			return err
		}
		r.Due = time.UnixMicro(due)
		l.Add(r)
	}
	return rows.Err()
}

// Depth is journal.Journal's.
func (s *Store) Depth(ctx context.Context) (journal.Depth, error) {
	if err := s.writer.refuse(ctx); err != nil {
		return journal.Depth{}, err
	}
	return journal.Depth{Inbox: s.inbox.Len(), Outbox: s.outbox.Len(), DeadLetters: int(s.dead.Load())}, nil
}

// Sweep is journal.Journal's.
func (s *Store) Sweep(ctx context.Context, limit int) (swept int, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		n, err := t.changes(t.sweep, t.now.UnixMicro(), limit)
		swept = int(n)
		return err
	})
	return swept, err
}

// Close is journal.Journal's.
func (s *Store) Close() error { return s.close() }

// shut ends the waiting calls, then the writer, then lets the file and the lock go.
func (s *Store) shut() error {
	s.inbox.Close()
	s.outbox.Close()
	s.writer.stop()
	return s.release()
}

// orClosed returns the reason of a read that Close made fail.
func (s *Store) orClosed(err error) error {
	if err != nil && s.writer.refuse(context.Background()) != nil {
		return journal.ErrClosed
	}
	return err
}

// release lets go what was opened.
func (s *Store) release() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.statements.close())
	}
	if s.reader != nil {
		errs = append(errs, s.reader.close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

var _ journal.Journal = (*Store)(nil)
