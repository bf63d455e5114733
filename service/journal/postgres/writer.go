package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/service/journal"
)

const (
	// maxBatch is how many operations one transaction holds.
	maxBatch = 500
	// maxTries is how often a transaction is tried that failed because of others, or of a
	// connection that was lost before it could commit.
	maxTries = 4
)

// writer runs operations, as many as wait in one transaction, so that they share the
// two round trips and the wait for the disk.
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
	// settled is set by who is first: the writer when it is done, or the caller.
	settled atomic.Bool
}

func newWriter(s *Store, db *pgxpool.Pool) *writer {
	return &writer{store: s, pool: db, submissions: make(chan *submission), closing: make(chan struct{})}
}

func (w *writer) start() { w.running.Go(w.run) }

func (w *writer) stop() {
	close(w.closing)
	w.running.Wait()
}

// errUnknownOutcome says that a call gave up before the database said what became of it.
var errUnknownOutcome = errors.New("the database did not answer in time; the outcome is not known")

// commit returns once the operation is durable, or has failed and changed nothing. It heeds
// ctx until the writer has the operation. After that it waits for the outcome, but no
// longer than Options.Patience.
func (w *writer) commit(ctx context.Context, o *operation) error {
	sub, err := w.submit(ctx, o)
	if err != nil {
		return err
	}
	return w.await(sub)
}

// submit hands the operation to the writer, behind those that it has.
func (w *writer) submit(ctx context.Context, o *operation) (*submission, error) {
	o.done = make(chan struct{})
	sub := &submission{operation: o}
	patience := time.NewTimer(w.store.options.Timeout)
	defer patience.Stop()
	select {
	case w.submissions <- sub:
		return sub, nil
	case <-w.closing:
		return nil, journal.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		return nil, errors.New("journal postgres: the database does not answer")
	}
}

// await returns the outcome.
func (w *writer) await(sub *submission) error {
	patience := time.NewTimer(w.store.options.Timeout)
	defer patience.Stop()
	select {
	case <-sub.done:
	case <-patience.C:
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

// gather adds the operations that wait.
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

// write runs the operations together and, when PostgreSQL refuses that, each alone, so
// that one that can't be done does not take the others with it.
func (w *writer) write(batch []*submission) {
	var together []*submission
	for _, o := range batch {
		if o.exclusive != nil {
			_ = w.transact([]*submission{o}) // the operation has the error
		} else {
			together = append(together, o)
		}
	}
	if len(together) > 0 {
		if err := w.transact(together); refused(err) && len(together) > 1 {
			for i := range together {
				_ = w.transact(together[i : i+1]) // the operation has the error
			}
		}
	}
	for _, o := range batch {
		o.finish()
	}
}

func (s *submission) finish() {
	if !s.settled.CompareAndSwap(false, true) && s.err == nil && s.onLateCommit != nil {
		s.onLateCommit()
	}
	close(s.done)
}

// transact runs the operations in one transaction, and again when that can help.
func (w *writer) transact(batch []*submission) (err error) {
	for try := range maxTries {
		var again bool
		if again, err = w.tryOnce(batch); !again || try == maxTries-1 {
			break
		}
	}
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("journal postgres: %w", err)
	for _, o := range batch {
		o.err = wrapped
	}
	return wrapped
}

// tryOnce runs the operations in one transaction and reports whether it may be tried again.
func (w *writer) tryOnce(batch []*submission) (again bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.store.options.Timeout)
	defer cancel()
	conn, err := w.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	t := w.store.newTx(conn)
	sent, err := w.execute(ctx, t, batch)
	// A connection that was left in a transaction is closed by the pool.
	if refused(err) || errors.Is(err, errLeaseExpired) {
		_, _ = conn.Conn().PgConn().Exec(ctx, "ROLLBACK").ReadAll()
	}
	conn.Release()
	if err != nil && sent && !refused(err) {
		err = w.resolve(t, err)
	}
	if err != nil {
		callAll(t.failed)
		return w.mayRetry(ctx, sent, err), err
	}
	callAll(t.committed)
	w.store.afterCommit(t)
	return false, nil
}

// mayRetry reports whether a transaction that failed may succeed when it is tried again.
func (w *writer) mayRetry(ctx context.Context, sent bool, err error) bool {
	switch {
	case errors.Is(err, errLeaseExpired):
		// The claims are gone; what needs none can be done all the same.
		return w.store.lease.renew(ctx) == nil
	case collides(err):
		return true
	}
	return !sent && !refused(err) && ctx.Err() == nil
}

// execute reports whether the commit was sent.
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
		if refused(o.err) {
			return false, o.err
		}
	}
	return true, t.save(ctx)
}

// readMarker waits for the transaction if it goes on.
const readMarker = `SELECT number FROM mark WHERE replica = $1 FOR UPDATE`

// resolve finds out what became of a transaction whose commit was sent and not answered.
// While the database can't be asked it waits; nothing else could be done meanwhile.
func (w *writer) resolve(t *tx, cause error) error {
	for {
		number, err := w.readMarker(t.replica)
		switch {
		case err == nil && number >= t.marker:
			w.store.lease.recheck()
			return nil
		case err == nil:
			return cause
		case errors.Is(err, pgx.ErrNoRows): // it was long ago
			w.store.lease.abandon()
			return errors.Join(cause, errUnknownOutcome)
		}
		select {
		case <-time.After(notifyInterval):
		case <-w.closing:
			return errors.Join(cause, errUnknownOutcome)
		}
	}
}

func (w *writer) readMarker(replica int64) (number int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.store.options.Timeout)
	defer cancel()
	err = w.pool.QueryRow(ctx, readMarker, replica).Scan(&number)
	return number, err
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
