package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// Store is a journal in one SQLite file.
type Store struct {
	// The value of a row is what its consumer gets when it waited for the row while that
	// was being stored; else nil.
	inbox  *scheduler.Scheduler[*journal.Turn]
	outbox *scheduler.Scheduler[*journal.Delivery]
	// dead is how many dead letters there are: Depth must not count rows.
	dead atomic.Int64
	// recent has the newest event; changed wakes the callers that wait for a newer one.
	recent  recentEvents
	changed journal.Broadcast
	// lastAsk is the last token of an asked message. Only the writer's goroutine uses it.
	lastAsk int64
	// addresses are what the rows of conversations say. Only the writer's goroutine uses it.
	addresses addressCache
	paused    journal.PausedSet
	// retention and deadRetention are how long events and dead letters are kept, staleAfter
	// is the age from which what waits expires.
	retention, deadRetention, staleAfter time.Duration
	textless                             bool
	now                                  func() time.Time
	space                                diskSpace

	lock   *lock
	marker *marker
	watch  *watch
	// watching is the goroutine of watchFiles.
	watching sync.WaitGroup

	db     *sql.DB // the writer's, of one connection
	writer *writer
	reader *reader
	close  func() error
}

// Open opens the journal in dir, which it makes when there is none. It fails when dir
// is on a network file system, or stays locked by another process.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	s := &Store{
		retention:     cmp.Or(o.Retention, journal.DefaultRetention),
		deadRetention: cmp.Or(o.DeadLetterRetention, journal.DefaultDeadLetterRetention),
		staleAfter:    cmp.Or(o.StaleAfter, journal.DefaultStaleAfter),
		recent:        recentEvents{limit: cmp.Or(o.maxRecent, maxRecent), cursors: map[channels.Conversation][]int64{}},
		textless:      o.Textless, now: o.now(), space: diskSpace{dir: dir},
	}
	if err := s.open(ctx, dir, o); err != nil {
		return nil, fmt.Errorf("journal %s: %w", dir, errors.Join(describeDamage(err), s.release()))
	}
	s.close = sync.OnceValue(s.shut)
	s.writer.start()
	s.watching.Go(s.watchFiles)
	return s, nil
}

func (s *Store) open(ctx context.Context, dir string, o Options) (err error) {
	if err := prepareDirectory(dir, o.network); err != nil {
		return err
	}
	if err := checkModes(dir, o.logger()); err != nil {
		return err
	}
	if s.lock, err = acquireLock(ctx, dir, o.LockWait); err != nil {
		return err
	}
	if err := checkPresent(dir); err != nil {
		return err
	}
	file := filepath.Join(dir, fileName)
	if err := createFile(file); err != nil {
		return err
	}
	// A program that closes the journal leaves no log.
	crashed := fileSize(file+"-wal") >= 0
	if s.db, err = connect(file, 1, o.pragmas()...); err != nil {
		return err
	}
	if err := checkProgress(ctx, dir, s.db); err != nil {
		return err
	}
	if err := migrate(ctx, s.db, o.knownMigrations(), o.report); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, dropFormerIndexes); err != nil {
		return err
	}
	openings, err := s.beginOpening(ctx)
	o.report(ctx, err)
	if err != nil {
		return err
	}
	if err := s.load(ctx, openings, crashed); err != nil {
		return err
	}
	if s.reader, err = newReader(ctx, file); err != nil {
		return err
	}
	if err := s.mark(ctx, dir); err != nil {
		return err
	}
	if s.watch, err = newWatch(dir, &o); err != nil {
		return err
	}
	if s.writer, err = newWriter(ctx, s.db, s.now, s.watch); err != nil {
		return err
	}
	s.writer.prepare = s.indexRecent
	return s.restoreIndex(ctx)
}

// mark makes the marker, or brings it up to date.
func (s *Store) mark(ctx context.Context, dir string) (err error) {
	if s.marker, err = openMarker(dir); err != nil {
		return err
	}
	progress, err := progressOf(ctx, s.reader.pool)
	if err != nil {
		return err
	}
	return s.marker.write(progress)
}

// watchFiles looks at the files from time to time, and brings the marker up to date when
// something was written, until the writer stops.
func (s *Store) watchFiles() {
	ticker := time.NewTicker(s.watch.every)
	defer ticker.Stop()
	for marked := int64(0); ; {
		select {
		case <-ticker.C:
		case <-s.writer.closed.Done():
			return
		}
		s.watch.look()
		if commits := s.writer.commits.Load(); commits != marked {
			marked = commits
			s.updateMarker()
		}
	}
}

// updateMarker writes how far the journal has come. Only watchFiles, and the end, call it.
func (s *Store) updateMarker() {
	progress, err := progressOf(context.Background(), s.reader.pool)
	if err == nil {
		err = s.marker.write(progress)
	}
	if err != nil {
		s.watch.log.Warn("the journal's marker is not up to date", "error", err)
	}
}

// load gives the schedulers the rows that are stored.
func (s *Store) load(ctx context.Context, openings int64, crashed bool) error {
	// Each opening has 2^40 tokens of its own, which are not stored: a claim of an earlier
	// opening is never taken for current.
	s.lastAsk = openings << 40
	s.inbox = scheduler.New[*journal.Turn](openings << 40)
	s.outbox = scheduler.New[*journal.Delivery](openings << 40)
	s.outbox.Open(scheduler.Unlimited()) // nothing is sent before OpenOutbox
	l := loader{db: s.db, wall: s.now(), now: time.Now(), crashed: crashed}
	return errors.Join(
		s.loadPaused(ctx),
		loadRows(ctx, &l, fmt.Sprintf(loadAll, "inbox"), s.inbox),
		loadRows(ctx, &l, fmt.Sprintf(loadAll, "outbox"), s.outbox))
}

// beginOpening counts the opening and reads how many dead letters there are and which
// event is the newest. The turns that the last process left running have ended with it.
func (s *Store) beginOpening(ctx context.Context) (openings int64, err error) {
	t, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer t.Rollback() //nolint:errcheck // nothing is left to roll back after Commit
	if _, err := t.ExecContext(ctx, endOrphans); err != nil {
		return 0, err
	}
	var dead, newest int64
	if err := t.QueryRowContext(ctx, countOpening).Scan(&openings, &dead, &newest); err != nil {
		return 0, err
	}
	s.dead.Store(dead)
	s.recent.newest = newest
	return openings, t.Commit()
}

// Depth is journal.Journal's.
func (s *Store) Depth(ctx context.Context) (journal.Depth, error) {
	if err := s.writer.usable(ctx); err != nil {
		return journal.Depth{}, err
	}
	return journal.Depth{
		Inbox: s.inbox.Len(), Outbox: s.outbox.Len(), DeadLetters: int(s.dead.Load()), Free: s.space.bytes(),
	}, nil
}

// Waiting is journal.Journal's.
func (s *Store) Waiting(ctx context.Context) (map[string]journal.Waiting, error) {
	if err := s.writer.usable(ctx); err != nil {
		return nil, err
	}
	return journal.WaitingOf(s.inbox.Stored(), s.outbox.Stored()), nil
}

// Lease is journal.Journal's: this process is the only one, as long as the store is open.
func (s *Store) Lease(ctx context.Context, _ string) (leased context.Context, release func(), err error) {
	if err := s.writer.usable(ctx); err != nil {
		return nil, nil, err
	}
	leased, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.writer.closed, cancel)
	return leased, func() { stop(); cancel() }, nil
}

// Close is journal.Journal's.
func (s *Store) Close() error { return s.close() }

// shut ends the waiting calls, then the writer, then closes the file and releases the lock.
func (s *Store) shut() error {
	s.inbox.Close()
	s.outbox.Close()
	s.writer.stop()
	s.watching.Wait()
	s.updateMarker()
	s.changed.Send()
	return s.release()
}

// read runs f, which reads what the error names. When f was interrupted the error is that
// of ctx or journal.ErrClosed, whatever SQLite says.
func (s *Store) read(ctx context.Context, what string, f func() error) error {
	if err := s.writer.usable(ctx); err != nil {
		return err
	}
	err := f()
	if err == nil {
		return nil
	}
	if ended := s.writer.usable(ctx); ended != nil {
		return ended
	}
	return fmt.Errorf("journal sqlite: %s: %w", what, err)
}

// release closes what was opened. It is called also when only a part was.
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
	if s.marker != nil {
		errs = append(errs, s.marker.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

var _ journal.Journal = (*Store)(nil)
