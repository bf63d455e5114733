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

// writeConns is how many connections the store keeps besides those it reads by: for the
// writer, the lease, and hints.
const writeConns = 4

// Store is a journal.
type Store struct {
	options Options
	// readPool is read by, lead is written by.
	readPool, writePool *pgxpool.Pool

	lease        *lease
	writer       *writer
	inbox        *dispatcher[journal.Turn]
	outbox       *dispatcher[journal.Delivery]
	granter      *granter
	waiters      *waiters
	nameLeases   *nameLeases
	subscription subscription
	notifier     *notifier
	countCache   countCache
	// unknownSteps are of turns, partDoubts of parts.
	unknownSteps, unknownParts *unknownCommits

	// rescanWanted says that other replicas did something.
	rescanWanted chan struct{}
	// closing is closed by Close.
	closing chan struct{}
	cancel  context.CancelFunc
	running sync.WaitGroup
	// mu guards the start of goroutines against Close.
	mu        sync.Mutex
	closeOnce func() error
}

// Open opens the journal in the database that the URL names, and makes its tables when
// need be.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("journal postgres: %w", err)
	}
	s := newStore(o.withDefaults())
	if err := s.open(ctx, config); err != nil {
		s.disconnect()
		return nil, fmt.Errorf("journal postgres: %w", err)
	}
	return s, nil
}

func newStore(o Options) *Store {
	s := &Store{
		options: o, inbox: newDispatcher[journal.Turn](inboxTable()), outbox: newDispatcher[journal.Delivery](outboxTable()),
		countCache: countCache{sem: make(chan struct{}, 1)}, waiters: newWaiters(), nameLeases: newNameLeases(), unknownSteps: newUnknownCommits(), unknownParts: newUnknownCommits(),
		rescanWanted: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	s.inbox.queueOf = func(c *conversation) *queue { return &c.inbox }
	s.inbox.begin = s.beginTurn
	s.inbox.replica = func() int64 { return s.lease.replicaID() }
	s.outbox.replica = s.inbox.replica
	s.inbox.setClaim = func(t *journal.Turn, c journal.Claim) { t.Claim = c }
	s.outbox.queueOf = func(c *conversation) *queue { return &c.outbox }
	s.outbox.begin = s.beginDelivery
	s.outbox.setClaim = func(d *journal.Delivery, c journal.Claim) { d.Claim = c }
	s.outbox.open = map[string]bool{}
	s.granter, s.notifier = newGranter(s), newNotifier(s)
	s.closeOnce = sync.OnceValue(s.shutDown)
	return s
}

// open connects, migrates, and starts what runs beside the calls.
func (s *Store) open(ctx context.Context, config *pgxpool.Config) (err error) {
	if s.readPool, err = connect(ctx, config, config.MaxConns); err != nil {
		return err
	}
	if s.writePool, err = connect(ctx, config, writeConns); err != nil {
		return err
	}
	if err := migrate(ctx, s.writePool, s.options.migrations); err != nil {
		return err
	}
	s.lease, s.writer = newLease(s, s.writePool), newWriter(s, s.writePool)
	if err := s.lease.renew(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = stop
	s.writer.start()
	s.running.Go(s.lease.run)
	s.running.Go(s.granter.run)
	s.running.Go(func() { run(s, s.inbox) })
	s.running.Go(func() { run(s, s.outbox) })
	s.running.Go(func() { s.rescanLoop(running) })
	if !s.options.NoNotify {
		s.running.Go(func() { s.notifier.run(running) })
		s.running.Go(func() { s.listen(running, config.ConnConfig) })
	}
	return nil
}

// commit commits an operation.
func (s *Store) commit(ctx context.Context, o *operation) error {
	if err := s.ended(ctx); err != nil {
		return err
	}
	return s.writer.commit(ctx, o)
}

// read runs something that may run twice, for no longer than Options.Patience.
func (s *Store) read(ctx context.Context, f func(context.Context) error) error {
	if err := s.ended(ctx); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	err := f(within)
	if err != nil && !refused(err) && !errors.Is(err, errNameTaken) && within.Err() == nil {
		err = f(within) // the connection was one that had been lost
	}
	if err == nil {
		return nil
	}
	if end := s.ended(ctx); end != nil {
		return end
	}
	return fmt.Errorf("journal postgres: %w", err)
}

// ended returns why nothing can be done.
func (s *Store) ended(ctx context.Context) error {
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

// fencedOrEnded is how a claim ends that is not known.
func (s *Store) fencedOrEnded(ctx context.Context) error {
	if err := s.ended(ctx); err != nil {
		return err
	}
	return journal.ErrFenced
}

func isFenced(err error) bool { return errors.Is(err, journal.ErrFenced) }
func isClosed(err error) bool { return errors.Is(err, journal.ErrClosed) }

// retryInBackground runs something beside the calls until it succeeds, or the store closes, which
// does the same for all.
func (s *Store) retryInBackground(f func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended(context.Background()) != nil {
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

// afterCommit tells what follows from a transaction.
func (s *Store) afterCommit(t *tx) {
	ring := len(t.events) > 0
	if ring {
		s.subscription.announce(t.newestCursor())
	}
	for _, h := range t.heads {
		elsewhere := t.conversations[h.Conversation].readerElsewhere(t.replica)
		switch {
		case h.partDue != nil && elsewhere:
			s.notifier.notifyAlways() // whoever holds a reader is there, even if not known of yet
		case h.partDue != nil && !s.outbox.schedule(h.Conversation, *h.partDue):
			ring = true
		}
		if h.turnDue != nil && !s.inbox.schedule(h.Conversation, *h.turnDue) {
			ring = true
		}
		if h.waiter {
			s.granter.check(h.Conversation)
		}
	}
	if ring {
		s.notifier.notify()
	}
}

// forgetClaims forgets what was claimed under a lease that lapsed.
func (s *Store) forgetClaims() {
	s.inbox.forgetAll()
	s.outbox.forgetAll()
	s.waiters.removeAll()
}

// Close is journal.Journal's.
func (s *Store) Close() error { return s.closeOnce() }

// shutDown ends the waiting calls, then what runs beside them, gives up what is claimed, and
// ends the writer and the connections.
func (s *Store) shutDown() error {
	s.mu.Lock()
	close(s.closing)
	s.mu.Unlock()
	s.inbox.close()
	s.outbox.close()
	s.cancel()
	s.running.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	if err := s.freeClaims(ctx, s.lease.replicaID(), true); err != nil {
		s.options.Log.Warn("journal postgres: claims last until the lease ends", "error", err)
	}
	s.writer.stop()
	s.lease.stop()
	s.disconnect()
	return nil
}

// disconnect lets the connections go.
func (s *Store) disconnect() {
	if s.writePool != nil {
		s.writePool.Close()
	}
	if s.readPool != nil {
		s.readPool.Close()
	}
}

var _ journal.Journal = (*Store)(nil)
