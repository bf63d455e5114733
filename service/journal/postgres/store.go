package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/service/journal"
)

// A Store is one replica. Beside the calls of its users these run, each a goroutine: the writer,
// by which all calls but Sweep and Lease change the journal (writer.go); two dispatchers, which hand out rows
// (dispatcher.go); the granter, which hands out locks (granter.go); the heartbeat of the lease
// with the takeovers (lease.go, takeover.go); the notifier, the listener and the rescans, by
// which replicas hear of each other (notifier.go, rescan.go). Reading calls go to the database
// by themselves.

// writeConns is how many connections the store has besides those that it reads by: for the
// writer, the lease and NOTIFY, and one to spare. They are a pool of their own, so that
// readers, however many, never keep a heartbeat waiting until the lease is over.
const writeConns = 4

// Store is a journal. It is one replica of those that share the database.
type Store struct {
	options Options
	// readPool is for reading calls, whose number and duration nobody bounds; writePool is
	// for all else.
	readPool, writePool *pgxpool.Pool

	clock        clock
	lease        *lease
	writer       *writer
	inbox        *dispatcher[journal.Turn]
	outbox       *dispatcher[claimedPart]
	granter      *granter
	waiters      *waiters
	nameLeases   *nameLeases
	subscription subscription
	notifier     *notifier
	countCache   countCache
	// heartbeats, grants and counts are what the log hears of an outage from.
	heartbeats, grants, counts *outage
	// unknownSteps are of turns, unknownParts of parts.
	unknownSteps, unknownParts *unknownCommits

	// rescanWanted is sent when other replicas may have changed something.
	rescanWanted signal
	// closing is closed by Close.
	closing chan struct{}
	cancel  context.CancelFunc
	running sync.WaitGroup
	// mu guards the start of goroutines against Close, which waits for them.
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
		options: o, clock: newClock(o.wall), waiters: newWaiters(), nameLeases: newNameLeases(),
		countCache:   countCache{sem: make(chan struct{}, 1)},
		heartbeats:   newOutage(o.Log, "the heartbeat"),
		grants:       newOutage(o.Log, "giving locks to callers that wait"),
		counts:       newOutage(o.Log, "counting what waits"),
		unknownSteps: newUnknownCommits(), unknownParts: newUnknownCommits(),
		rescanWanted: newSignal(), closing: make(chan struct{}),
	}
	s.inbox, s.outbox = newInbox(s), newOutbox(s)
	s.granter, s.notifier = newGranter(s), newNotifier(s)
	s.closeOnce = sync.OnceValue(s.shutDown)
	return s
}

// open connects, migrates, takes a lease, and starts what runs beside the calls. The lease
// comes first, since nothing can be claimed without the number of a replica that lives.
func (s *Store) open(ctx context.Context, config *pgxpool.Config) (err error) {
	if s.readPool, err = connect(ctx, config, config.MaxConns); err != nil {
		return err
	}
	if s.writePool, err = connect(ctx, config, writeConns); err != nil {
		return err
	}
	if err := s.awaitDatabase(ctx, s.writePool); err != nil {
		return err
	}
	if err := migrate(ctx, s.writePool, s.options.migrations); err != nil {
		return err
	}
	if err := s.restamp(ctx); err != nil {
		return err
	}
	s.lease, s.writer = newLease(s, s.writePool), newWriter(s, s.writePool)
	if err := s.lease.renew(ctx); err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	s.writer.start()
	s.running.Go(s.lease.run)
	s.running.Go(s.granter.run)
	s.running.Go(s.inbox.run)
	s.running.Go(s.outbox.run)
	s.running.Go(func() { s.rescanLoop(running) })
	if !s.options.NoNotify {
		s.running.Go(func() { s.notifier.run(running) })
		s.running.Go(func() { s.listen(running, config.ConnConfig) })
	}
	if err := errors.Join(s.inbox.clampAll(ctx), s.outbox.clampAll(ctx)); err != nil {
		s.options.Log.Warn("journal postgres: due times are looked at later", "error", err)
	}
	return nil
}

// commit commits an operation. On return it is durable, or has changed nothing, unless the
// error is errUnknownOutcome.
func (s *Store) commit(ctx context.Context, o *operation) error {
	if err := s.ended(ctx); err != nil {
		return err
	}
	return s.writer.commit(ctx, o)
}

// read runs something that may run twice, for no longer than Options.Timeout. The pool does
// not test its connections, so the first try finds out those that were lost.
func (s *Store) read(ctx context.Context, f func(context.Context) error) error {
	if err := s.ended(ctx); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	err := f(within)
	if err != nil && !isRejected(err) && !errors.Is(err, errNameTaken) && within.Err() == nil {
		err = f(within)
	}
	if err == nil {
		return nil
	}
	if end := s.ended(ctx); end != nil {
		return end
	}
	return fmt.Errorf("journal postgres: %w", err)
}

// ended returns why nothing can be done any more: the store closed, or ctx ended.
func (s *Store) ended(ctx context.Context) error {
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

// fencedOrEnded is the error for a claim that this replica does not have.
func (s *Store) fencedOrEnded(ctx context.Context) error {
	if err := s.ended(ctx); err != nil {
		return err
	}
	return journal.ErrFenced
}

func isFenced(err error) bool { return errors.Is(err, journal.ErrFenced) }
func isClosed(err error) bool { return errors.Is(err, journal.ErrClosed) }

// retryInBackground runs f beside the calls until it succeeds. It is for what gives
// something up that others wait for, when no caller is left to try again. Close need not
// wait for it: closing gives up all that this replica has.
func (s *Store) retryInBackground(f func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended(context.Background()) != nil {
		return
	}
	s.running.Go(func() {
		ctx := context.Background()
		for err := f(ctx); err != nil && !isFenced(err) && sleep(ctx, s.options.Poll, s.closing); {
			err = f(ctx)
		}
	})
}

// afterCommit wakes whoever waits for what a transaction changed: here, or by the notifier
// in other replicas when nobody here is there for it.
func (s *Store) afterCommit(t *tx) {
	notify := len(t.events) > 0
	if notify {
		s.subscription.announce(t.newestCursor())
	}
	for _, h := range t.heads {
		if h.partDue != nil && s.announcePart(t, &h) {
			notify = true
		}
		if h.turnDue != nil && !s.inbox.schedule(h.Conversation, *h.turnDue) {
			notify = true
		}
		if h.waiter {
			s.granter.check(h.Conversation)
		}
	}
	if notify {
		s.notifier.notify()
	}
}

// announcePart wakes whoever may claim the first part of a conversation, and reports whether
// the other replicas should hear of it.
func (s *Store) announcePart(t *tx, h *head) (notify bool) {
	c := t.conversations[h.Conversation]
	grows := c.grows(h.partOwner)
	switch {
	case grows && c.inbox.replica == t.replica:
		s.outbox.scheduleGrowing(h.Conversation, *h.partDue)
	case grows, c.readerElsewhere(t.replica):
		// The replica of the turn, or of the reader, is there, even if no heartbeat has shown
		// it yet.
		s.notifier.notifyAlways()
	default:
		return !s.outbox.schedule(h.Conversation, *h.partDue)
	}
	return false
}

// forgetClaims forgets what was claimed under a lease that expired.
func (s *Store) forgetClaims() {
	s.inbox.forgetAll()
	s.outbox.forgetAll()
	s.waiters.loseAll()
}

// Close is journal.Journal's.
func (s *Store) Close() error { return s.closeOnce() }

// shutDown ends the waiting calls, then what runs beside them, gives up what is claimed, and
// ends the writer and the connections. In this order, since what runs beside the calls
// claims, and the claims are given up by the writer.
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

// disconnect closes the connections.
func (s *Store) disconnect() {
	if s.writePool != nil {
		s.writePool.Close()
	}
	if s.readPool != nil {
		s.readPool.Close()
	}
}

var (
	_ journal.Journal = (*Store)(nil)
	_ journal.Sharer  = (*Store)(nil)
)
