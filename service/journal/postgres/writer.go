package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/service/journal"
)

// The writer is the one goroutine of a replica that commits operations. It gathers the
// operations that wait into one transaction of two round trips: the first locks the
// conversations and reads their claims; then the operations decide, here and under the
// lock, what changes and who is fenced; the second writes and commits. While one transaction
// waits for the disk the next operations gather. So 64 callers that store at once get
// 14,400 messages a second, with a p50 of 4.2 ms each (docs/performance.md), and a
// replica never waits for itself.

const (
	// maxBatch is how many operations one transaction holds.
	maxBatch = 500
	// maxTries is how often a transaction is tried that failed because of others, or of a
	// connection that was lost before it could commit.
	maxTries = 4
)

// writer runs operations, as many as wait in one transaction.
type writer struct {
	store       *Store
	pool        *pgxpool.Pool
	submissions chan *submission
	closing     chan struct{}
	running     sync.WaitGroup
}

// submission is an operation and its caller, who may give up.
type submission struct {
	*operation
	// settled is set by who is first: the writer when it is done, or the caller when it
	// gives up. So either the caller gets the outcome, or onLateCommit is called.
	settled atomic.Bool
}

func newWriter(s *Store, pool *pgxpool.Pool) *writer {
	return &writer{store: s, pool: pool, submissions: make(chan *submission), closing: make(chan struct{})}
}

func (w *writer) start() { w.running.Go(w.run) }

func (w *writer) stop() {
	close(w.closing)
	w.running.Wait()
}

var (
	// errUnknownOutcome says that a call gave up before the database said what became of it.
	errUnknownOutcome = errors.New("the database did not answer in time; the outcome is not known")
	// errNoAnswer says that a call gave up before the writer took it. It has changed nothing.
	errNoAnswer = errors.New("journal postgres: the database does not answer")
)

// commit returns once the operation is durable, or has failed and changed nothing. It heeds
// ctx until the writer has the operation. After that it waits for the outcome, but no
// longer than Options.Timeout.
func (w *writer) commit(ctx context.Context, o *operation) error {
	sub, err := w.submit(ctx, o)
	if err != nil {
		return err
	}
	return w.await(sub)
}

// submit hands the operation to the writer, behind those that it has. One that the writer
// does not take in time is a transaction that could not begin.
func (w *writer) submit(ctx context.Context, o *operation) (*submission, error) {
	o.done = make(chan struct{})
	sub := &submission{operation: o}
	timeout := time.NewTimer(w.store.options.Timeout)
	defer timeout.Stop()
	select {
	case w.submissions <- sub:
		return sub, nil
	case <-w.closing:
		return nil, journal.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timeout.C:
		w.store.options.report(ctx, errNoAnswer)
		return nil, errNoAnswer
	}
}

// await returns the outcome.
func (w *writer) await(sub *submission) error {
	timeout := time.NewTimer(w.store.options.Timeout)
	defer timeout.Stop()
	select {
	case <-sub.done:
	case <-timeout.C:
		if sub.settled.CompareAndSwap(false, true) {
			return fmt.Errorf("journal postgres: %w", errUnknownOutcome)
		}
		<-sub.done
	}
	return sub.err
}

func (w *writer) run() {
	for {
		select {
		case first := <-w.submissions:
			w.write(w.gather(first))
		case <-w.closing:
			return
		}
	}
}

// gather adds the operations that wait. It waits for none: a call that comes alone is
// written at once.
func (w *writer) gather(first *submission) []*submission {
	batch := []*submission{first}
	for len(batch) < maxBatch {
		select {
		case o := <-w.submissions:
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// write runs the operations together and, when PostgreSQL rejects that, each alone, so
// that one that can't be done does not take the others with it. A transaction that was
// taken apart is not reported: its parts are.
func (w *writer) write(batch []*submission) {
	var together []*submission
	for _, o := range batch {
		if o.exclusive != nil {
			w.report(w.transact([]*submission{o}))
		} else {
			together = append(together, o)
		}
	}
	if len(together) > 0 {
		wrote, err := w.transact(together)
		if isRejected(err) && len(together) > 1 {
			for i := range together {
				w.report(w.transact(together[i : i+1]))
			}
		} else {
			w.report(wrote, err)
		}
	}
	for _, o := range batch {
		o.finish()
	}
}

// report reports a transaction, once for all its operations. One that had nothing to write
// was none. The operations have the error too, for their callers.
func (w *writer) report(wrote bool, err error) {
	if wrote || err != nil {
		w.store.options.report(context.Background(), err)
	}
}

// finish lets the caller go, who finds the outcome in err.
func (s *submission) finish() {
	if !s.settled.CompareAndSwap(false, true) && s.err == nil && s.onLateCommit != nil {
		s.onLateCommit()
	}
	close(s.done)
}

// transact runs the operations in one transaction, and again when that can help. It
// reports whether anything was written.
func (w *writer) transact(batch []*submission) (wrote bool, err error) {
	for try := range maxTries {
		var again bool
		if wrote, again, err = w.tryOnce(batch); !again || try == maxTries-1 {
			break
		}
	}
	if err == nil {
		return wrote, nil
	}
	wrapped := fmt.Errorf("journal postgres: %w", err)
	for _, o := range batch {
		o.err = wrapped
	}
	return false, wrapped
}

// tryOnce runs the operations in one transaction and reports whether it wrote anything, and
// whether it may be tried again.
func (w *writer) tryOnce(batch []*submission) (wrote, again bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.store.options.Timeout)
	defer cancel()
	conn, err := w.pool.Acquire(ctx)
	if err != nil {
		return false, false, err
	}
	t := w.store.newTx(conn)
	sent, err := w.execute(ctx, t, batch)
	// A connection that was left in a transaction is closed by the pool.
	if isRejected(err) || errors.Is(err, errLeaseExpired) {
		_, _ = conn.Conn().PgConn().Exec(ctx, "ROLLBACK").ReadAll()
	}
	conn.Release()
	if err != nil && sent && !isRejected(err) {
		err = w.resolve(t, err)
	}
	if err != nil {
		callAll(t.failed)
		return false, w.mayRetry(ctx, sent, err), err
	}
	callAll(t.committed)
	w.store.afterCommit(t)
	return !t.isEmpty, false, nil
}

// mayRetry reports whether a transaction that failed may succeed when it is tried again. One
// whose commit was sent is not tried again, unless the database said that it failed.
func (w *writer) mayRetry(ctx context.Context, sent bool, err error) bool {
	switch {
	case errors.Is(err, errLeaseExpired):
		// The claims are gone; what needs none can be done all the same.
		return w.store.lease.renew(ctx) == nil
	case isConflict(err):
		return true
	}
	return !sent && !isRejected(err) && ctx.Err() == nil
}

// execute runs the operations in the transaction, and reports whether the commit was sent.
// An operation that fails by itself leaves the others alone.
func (w *writer) execute(ctx context.Context, t *tx, batch []*submission) (sent bool, err error) {
	n := &needs{}
	for _, o := range batch {
		n.add(&o.needs)
	}
	if err := t.load(ctx, n, w.store.options.Timeout, w.store.options.idleTimeout()); err != nil {
		return false, err
	}
	for _, o := range batch {
		if o.exclusive != nil {
			o.err = o.exclusive(t)
		} else {
			o.err = o.apply(t)
		}
		if isRejected(o.err) {
			return false, o.err
		}
	}
	return true, t.save(ctx)
}
