package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is the name that replicas notify each other by.
const channel = "manyvox"

// pause is how long a bell rests, so that many changes are one hint.
const pause = 10 * time.Millisecond

// bell gives other replicas the hint that there is something new, outside of the
// transactions: NOTIFY makes commits wait for each other.
type bell struct {
	store *Store
	rung  chan struct{}
}

func newBell(s *Store) *bell { return &bell{store: s, rung: make(chan struct{}, 1)} }

func (b *bell) ring() {
	if !b.store.lease.alone() {
		b.press()
	}
}

// press rings though nobody else may be known.
func (b *bell) press() {
	if b.store.options.Deaf {
		return
	}
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// sound works until the store closes. A hint that can't be given is made up for by
// polling.
func (b *bell) sound(ctx context.Context) {
	for {
		select {
		case <-b.rung:
		case <-ctx.Done():
			return
		}
		_ = b.notify(ctx)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (b *bell) notify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, b.store.options.Patience)
	defer cancel()
	conn, err := b.store.lead.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	sql := fmt.Sprintf(`BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_notify('%s', '%d'); COMMIT`,
		channel, b.store.lease.current())
	_, err = conn.Conn().PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// listen takes hints until the store closes; when the connection is lost it makes
// another one.
func (s *Store) listen(ctx context.Context, config *pgx.ConnConfig) {
	for ctx.Err() == nil {
		_ = s.listenOnce(ctx, config)
		s.stir()
		select {
		case <-time.After(s.options.Poll):
		case <-ctx.Done():
		}
	}
}

func (s *Store) listenOnce(ctx context.Context, config *pgx.ConnConfig) error {
	within, cancel := context.WithTimeout(ctx, s.options.Patience)
	conn, err := pgx.ConnectConfig(within, config)
	if err == nil {
		_, err = conn.Exec(within, "LISTEN "+channel)
	}
	cancel()
	if conn != nil {
		defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	}
	for err == nil {
		hint, lost := conn.WaitForNotification(ctx)
		if err = lost; err == nil && hint.Payload != strconv.FormatInt(s.lease.current(), 10) {
			s.stir()
		}
	}
	return err
}

// stir makes the store look for what other replicas did.
func (s *Store) stir() {
	select {
	case s.stirred <- struct{}{}:
	default:
	}
}

// watch looks for what other replicas did, at every hint and from time to time.
func (s *Store) watch(ctx context.Context) {
	for {
		select {
		case <-s.stirred:
		case <-time.After(s.options.Poll):
		case <-ctx.Done():
			return
		}
		s.inbox.look()
		s.outbox.look()
		within, cancel := context.WithTimeout(ctx, s.options.Patience)
		if err := s.usher.poll(within); err == nil {
			_ = s.feed.poll(within, s) // the next time serves too
		}
		cancel()
	}
}
