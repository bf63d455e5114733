// Package postgres keeps the journal in a PostgreSQL database that several replicas
// share. Each replica gathers the calls that come at once into one transaction of two
// round trips: the first locks the conversations, in the order of their keys, and reads
// their claims; then the replica decides which calls are fenced; the second writes and
// commits.
//
// Numbers of rows rise with the order of commits in each conversation, and in each
// replica; across conversations of different replicas they need not.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/service/journal"
)

// leading is how many connections the store keeps besides those it reads by: for the
// writer, the lease, and hints.
const leading = 4

// Store is a journal.
type Store struct {
	options Options
	// db is read by, lead is written by.
	db, lead *pgxpool.Pool

	lease   *lease
	writer  *writer
	inbox   *queue[journal.Turn]
	outbox  *queue[journal.Delivery]
	usher   *usher
	callers *callers
	holds   *holds
	feed    feed
	bell    *bell
	counter counter
	// doubts are of turns, partDoubts of parts.
	doubts, partDoubts *doubts

	// stirred says that other replicas did something.
	stirred chan struct{}
	// closing is closed by Close.
	closing chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup
	// mu guards the start of goroutines against Close.
	mu   sync.Mutex
	once func() error
}

// Open opens the journal in the database that the URL names, and makes its tables when
// need be.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("journal postgres: %w", err)
	}
	s := newStore(o.orDefault())
	if err := s.open(ctx, config); err != nil {
		s.disconnect()
		return nil, fmt.Errorf("journal postgres: %w", err)
	}
	return s, nil
}

func newStore(o Options) *Store {
	s := &Store{
		options: o, inbox: newQueue[journal.Turn](inboxTable()), outbox: newQueue[journal.Delivery](outboxTable()),
		counter: counter{turn: make(chan struct{}, 1)}, callers: newCallers(), holds: newHolds(), doubts: newDoubts(), partDoubts: newDoubts(),
		stirred: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	s.inbox.line = func(c *conversation) *line { return &c.turn }
	s.inbox.begin = s.beginTurn
	s.inbox.replica = func() int64 { return s.lease.current() }
	s.outbox.replica = s.inbox.replica
	s.inbox.set = func(t *journal.Turn, c journal.Claim) { t.Claim = c }
	s.outbox.line = func(c *conversation) *line { return &c.part }
	s.outbox.begin = s.beginDelivery
	s.outbox.set = func(d *journal.Delivery, c journal.Claim) { d.Claim = c }
	s.outbox.open = map[string]bool{}
	s.usher, s.bell = newUsher(s), newBell(s)
	s.once = sync.OnceValue(s.shut)
	return s
}

// open connects, migrates, and starts what runs beside the calls.
func (s *Store) open(ctx context.Context, config *pgxpool.Config) (err error) {
	if s.db, err = connect(ctx, config, config.MaxConns); err != nil {
		return err
	}
	if s.lead, err = connect(ctx, config, leading); err != nil {
		return err
	}
	if err := migrate(ctx, s.lead, s.options.migrations); err != nil {
		return err
	}
	s.lease, s.writer = newLease(s, s.lead), newWriter(s, s.lead)
	if err := s.lease.renew(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.writer.start()
	s.running.Go(s.lease.beat)
	s.running.Go(s.usher.lead)
	s.running.Go(func() { dispatch(s, s.inbox) })
	s.running.Go(func() { dispatch(s, s.outbox) })
	s.running.Go(func() { s.watch(running) })
	if !s.options.Deaf {
		s.running.Go(func() { s.bell.sound(running) })
		s.running.Go(func() { s.listen(running, config.ConnConfig) })
	}
	return nil
}

// do commits an operation.
func (s *Store) do(ctx context.Context, o *operation) error {
	if err := s.refuse(ctx); err != nil {
		return err
	}
	return s.writer.do(ctx, o)
}

// read runs something that may run twice, for no longer than Options.Patience.
func (s *Store) read(ctx context.Context, f func(context.Context) error) error {
	if err := s.refuse(ctx); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, s.options.Patience)
	defer cancel()
	err := f(within)
	if err != nil && !refused(err) && !errors.Is(err, errHeld) && within.Err() == nil {
		err = f(within) // the connection was one that had been lost
	}
	if err == nil {
		return nil
	}
	if end := s.refuse(ctx); end != nil {
		return end
	}
	return fmt.Errorf("journal postgres: %w", err)
}

// refuse returns why nothing can be done.
func (s *Store) refuse(ctx context.Context) error {
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

// fenced is how a claim ends that is not known.
func (s *Store) fenced(ctx context.Context) error {
	if err := s.refuse(ctx); err != nil {
		return err
	}
	return journal.ErrFenced
}

func isFenced(err error) bool { return errors.Is(err, journal.ErrFenced) }
func isClosed(err error) bool { return errors.Is(err, journal.ErrClosed) }

// persist runs something beside the calls until it succeeds, or the store closes, which
// does the same for all.
func (s *Store) persist(f func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse(context.Background()) != nil {
		return
	}
	s.running.Go(func() {
		for err := f(context.Background()); err != nil && !isFenced(err); err = f(context.Background()) {
			select {
			case <-time.After(s.options.Poll):
			case <-s.closing:
				return
			}
		}
	})
}

// wrote tells what follows from a transaction.
func (s *Store) wrote(t *tx) {
	ring := len(t.notes) > 0
	if ring {
		s.feed.tell(t.newest())
	}
	for _, h := range t.heads {
		elsewhere := t.conversations[h.Conversation].elsewhere(t.replica)
		switch {
		case h.partDue != nil && elsewhere:
			s.bell.press() // whoever holds a reader is there, even if not known of yet
		case h.partDue != nil && !s.outbox.hint(h.Conversation, *h.partDue):
			ring = true
		}
		if h.turnDue != nil && !s.inbox.hint(h.Conversation, *h.turnDue) {
			ring = true
		}
		if h.caller {
			s.usher.hint(h.Conversation)
		}
	}
	if ring {
		s.bell.ring()
	}
}

// lapse forgets what was claimed under a lease that lapsed.
func (s *Store) lapse() {
	s.inbox.dropAll()
	s.outbox.dropAll()
	s.callers.dropAll()
}

// Close is journal.Journal's.
func (s *Store) Close() error { return s.once() }

// shut ends the waiting calls, then what runs beside them, gives up what is claimed, and
// ends the writer and the connections.
func (s *Store) shut() error {
	s.mu.Lock()
	close(s.closing)
	s.mu.Unlock()
	s.inbox.close()
	s.outbox.close()
	s.stop()
	s.running.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Patience)
	defer cancel()
	if err := s.release(ctx, s.lease.current(), true); err != nil {
		s.options.Log.Warn("journal postgres: claims last until the lease ends", "error", err)
	}
	s.writer.stop()
	s.lease.stop()
	s.disconnect()
	return nil
}

// disconnect lets the connections go.
func (s *Store) disconnect() {
	if s.lead != nil {
		s.lead.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
}

var _ journal.Journal = (*Store)(nil)
