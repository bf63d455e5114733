// Package sqlite is the journal in one SQLite file, for one process at a time.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
	// Retention is how long events are kept; zero means journal.DefaultRetention.
	Retention time.Duration
	// Textless keeps events without what was written, and has SQLite overwrite what is
	// deleted.
	Textless bool

	// network names the network file system that holds a directory; nil asks the system.
	network func(dir string) (string, error)
	// migrations that the program knows; nil means all.
	migrations []string
}

// pragmas are the writer's.
func (o *Options) pragmas() []string {
	if o.Textless {
		// What was written lives on in free pages otherwise:
		// https://sqlite.org/pragma.html#pragma_secure_delete
		return append(slices.Clone(durable), "secure_delete(1)")
	}
	return durable
}

func (o *Options) knownMigrations() []string {
	if o.migrations != nil {
		return o.migrations
	}
	return migrations
}

// Store is a journal in one SQLite file.
type Store struct {
	inbox  *journal.Lines[*journal.Turn]
	outbox *journal.Lines[*journal.Delivery]
	// dead is how many dead letters there are.
	dead atomic.Int64
	// newest is the cursor of the newest event, changed wakes those who wait for a newer one.
	newest  atomic.Int64
	changed journal.Broadcast
	// lastAsk is the last token of an asked message. It is the writer's.
	lastAsk   int64
	retention time.Duration
	textless  bool
	space     space

	lock   *lock
	db     *sql.DB // the writer's, of one connection
	writer *writer
	reader *reader
	close  func() error
}

// Open opens the journal in dir, which it makes when there is none. It fails when dir
// is on a network file system, or stays locked by another process.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	s := &Store{
		retention: cmp.Or(o.Retention, journal.DefaultRetention), textless: o.Textless, space: space{dir: dir},
	}
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
	file := filepath.Join(dir, fileName)
	if err := create(file); err != nil {
		return err
	}
	if s.db, err = connect(file, 1, o.pragmas()...); err != nil {
		return err
	}
	if err := migrate(ctx, s.db, o.knownMigrations()); err != nil {
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
	openings, err := s.count(ctx)
	if err != nil {
		return err
	}
	// 2^40 tokens per opening: a claim of an earlier one is never taken for current.
	s.lastAsk = openings << 40
	s.inbox = journal.NewLines[*journal.Turn](openings << 40)
	s.outbox = journal.NewLines[*journal.Delivery](openings << 40)
	s.outbox.Open()
	const rows = `SELECT id, coalesce(position, id), channel, sender, due FROM %s ORDER BY 2`
	return errors.Join(
		fill(ctx, s.db, fmt.Sprintf(rows, "inbox"), s.inbox),
		fill(ctx, s.db, fmt.Sprintf(rows, "outbox"), s.outbox))
}

// count counts the opening and what there is. The turns that the last process left
// running have ended with it.
func (s *Store) count(ctx context.Context) (openings int64, err error) {
	const orphans = `UPDATE delivery SET state = CASE WHEN shown > 0 THEN 'interrupted' ELSE 'failed' END
		WHERE state = 'running'`
	if _, err := s.db.ExecContext(ctx, orphans); err != nil {
		return 0, err
	}
	const next = `UPDATE store SET openings = openings + 1 RETURNING openings, (SELECT count(*) FROM dead_letter),
		coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)`
	var dead, newest int64
	err = s.db.QueryRowContext(ctx, next).Scan(&openings, &dead, &newest)
	s.dead.Store(dead)
	s.newest.Store(newest)
	return openings, err
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
	return journal.Depth{
		Inbox: s.inbox.Len(), Outbox: s.outbox.Len(), DeadLetters: int(s.dead.Load()), Free: s.space.bytes(),
	}, nil
}

// Waiting is journal.Journal's.
func (s *Store) Waiting(ctx context.Context) (map[string]journal.Waiting, error) {
	if err := s.writer.refuse(ctx); err != nil {
		return nil, err
	}
	return journal.WaitingOf(s.inbox.Stored(), s.outbox.Stored()), nil
}

// Lease is journal.Journal's: this process is the only one, as long as the store is open.
func (s *Store) Lease(ctx context.Context, _ string) (held context.Context, release func(), err error) {
	if err := s.writer.refuse(ctx); err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.writer.closed, cancel)
	return held, func() { stop(); cancel() }, nil
}

// Close is journal.Journal's.
func (s *Store) Close() error { return s.close() }

// shut ends the waiting calls, then the writer, then lets the file and the lock go.
func (s *Store) shut() error {
	s.inbox.Close()
	s.outbox.Close()
	s.writer.stop()
	s.changed.Send()
	return s.release()
}

// read runs what reads beside the writer. Whatever SQLite says when it is interrupted,
// the error is that of ctx or ErrClosed then.
func (s *Store) read(ctx context.Context, what string, f func() error) error {
	if err := s.writer.refuse(ctx); err != nil {
		return err
	}
	err := f()
	if err == nil {
		return nil
	}
	if refused := s.writer.refuse(ctx); refused != nil {
		return refused
	}
	return fmt.Errorf("journal sqlite: %s: %w", what, err)
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
