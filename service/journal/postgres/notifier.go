package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// notifyChannel is the name that replicas notify each other by.
const notifyChannel = "manyvox"

// notifyInterval is how long a bell rests, so that many changes are one hint.
const notifyInterval = 10 * time.Millisecond

// notifier gives other replicas the hint that there is something new, outside of the
// transactions: NOTIFY makes commits wait for each other.
type notifier struct {
	store  *Store
	wanted chan struct{}
}

func newNotifier(s *Store) *notifier { return &notifier{store: s, wanted: make(chan struct{}, 1)} }

func (b *notifier) notify() {
	if !b.store.lease.alone() {
		b.notifyAlways()
	}
}

// notifyAlways rings though nobody else may be known.
func (b *notifier) notifyAlways() {
	if b.store.options.NoNotify {
		return
	}
	select {
	case b.wanted <- struct{}{}:
	default:
	}
}

// run works until the store closes. A hint that can't be given is made up for by
// polling.
func (b *notifier) run(ctx context.Context) {
	for {
		select {
		case <-b.wanted:
		case <-ctx.Done():
			return
		}
		_ = b.send(ctx)
		select {
		case <-time.After(notifyInterval):
		case <-ctx.Done():
			return
		}
	}
}

func (b *notifier) send(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, b.store.options.Timeout)
	defer cancel()
	conn, err := b.store.writePool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	sql := fmt.Sprintf(`BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_notify('%s', '%d'); COMMIT`,
		notifyChannel, b.store.lease.replicaID())
	_, err = conn.Conn().PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// listen takes hints until the store closes; when the connection is lost it makes
// another one.
func (s *Store) listen(ctx context.Context, config *pgx.ConnConfig) {
	for ctx.Err() == nil {
		_ = s.listenOnce(ctx, config)
		s.requestRescan()
		select {
		case <-time.After(s.options.Poll):
		case <-ctx.Done():
		}
	}
}

func (s *Store) listenOnce(ctx context.Context, config *pgx.ConnConfig) error {
	within, cancel := context.WithTimeout(ctx, s.options.Timeout)
	conn, err := pgx.ConnectConfig(within, config)
	if err == nil {
		_, err = conn.Exec(within, "LISTEN "+notifyChannel)
	}
	cancel()
	if conn != nil {
		defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	}
	for err == nil {
		hint, lost := conn.WaitForNotification(ctx)
		if err = lost; err == nil && hint.Payload != strconv.FormatInt(s.lease.replicaID(), 10) {
			s.requestRescan()
		}
	}
	return err
}

// requestRescan makes the store look for what other replicas did.
func (s *Store) requestRescan() {
	select {
	case s.rescanWanted <- struct{}{}:
	default:
	}
}

// rescanLoop looks for what other replicas did, at every hint and from time to time.
func (s *Store) rescanLoop(ctx context.Context) {
	for {
		select {
		case <-s.rescanWanted:
		case <-time.After(s.options.Poll):
		case <-ctx.Done():
			return
		}
		s.inbox.rescan()
		s.outbox.rescan()
		within, cancel := context.WithTimeout(ctx, s.options.Timeout)
		if err := s.granter.poll(within); err == nil {
			_ = s.subscription.poll(within, s) // the next time serves too
		}
		cancel()
	}
}
