package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// listen receives notifications until the store closes. When the connection is lost it
// makes another one, and rescans: what was sent between the two is gone.
func (s *Store) listen(ctx context.Context, config *pgx.ConnConfig) {
	for ctx.Err() == nil {
		_ = s.listenOnce(ctx, config)
		s.rescanWanted.send()
		sleep(ctx, s.options.Poll, nil)
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
		notification, lost := conn.WaitForNotification(ctx)
		if err = lost; err == nil && notification.Payload != strconv.FormatInt(s.lease.replicaID(), 10) {
			s.rescanWanted.send()
		}
	}
	return err
}

// rescanLoop looks for what other replicas changed, whenever rescanWanted is sent and each
// Options.Poll.
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
