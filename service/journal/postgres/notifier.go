package postgres

import (
	"context"
	"fmt"
	"time"
)

// By NOTIFY a replica says that something changed, and nothing about what: who hears it
// rescans. A notification is a hint only. It may be lost, with the connection or
// since the sender died first; then polling finds the change, within Options.Poll. So any
// PostgreSQL serves, also one behind a pooler that passes no notifications on.

// notifyChannel is the name that replicas listen to.
const notifyChannel = "manyvox"

// notifyInterval is the least time between two notifications of a replica, so that many
// changes are one rescan of the others: at most 100 a second from each. It is what a part
// that another replica must send may wait for it.
const notifyInterval = 10 * time.Millisecond

// notifier sends notifications, in transactions of its own: one with a NOTIFY takes a lock
// that all those with a NOTIFY share, until it has committed, so that the commits of all
// replicas would wait for each other.
type notifier struct {
	store  *Store
	wanted signal
}

func newNotifier(s *Store) *notifier { return &notifier{store: s, wanted: newSignal()} }

// notify has the other replicas rescan, unless there are none.
func (n *notifier) notify() {
	if !n.store.lease.alone() {
		n.notifyAlways()
	}
}

// notifyAlways is for a change that concerns a replica which the last heartbeat may not
// have shown yet.
func (n *notifier) notifyAlways() {
	if !n.store.options.NoNotify {
		n.wanted.send()
	}
}

// run sends notifications until the store closes. What can't be sent is made up for by
// the others' polling.
func (n *notifier) run(ctx context.Context) {
	for {
		select {
		case <-n.wanted:
		case <-ctx.Done():
			return
		}
		_ = n.send(ctx)
		if !sleep(ctx, notifyInterval, nil) {
			return
		}
	}
}

// send sends one. It says which replica sends, so that this one does not rescan for its
// own. What it notifies of is committed already, so it need not wait for the disk.
func (n *notifier) send(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, n.store.options.Timeout)
	defer cancel()
	conn, err := n.store.writePool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	sql := fmt.Sprintf(`BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_notify('%s', '%d'); COMMIT`,
		notifyChannel, n.store.lease.replicaID())
	_, err = conn.Conn().PgConn().Exec(ctx, sql).ReadAll()
	return err
}
