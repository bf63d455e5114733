package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// The dispatcher of parts must find the first part of a conversation also when it grows here
// and its channel has no free slot. This replica runs its turn, so it knows the conversations
// in which that may be: a scan asks for these alone.

// noteLive says that the turn of a claim begins a live part. It is called before the commit,
// whose outcome may stay unknown.
func (d *dispatcher[T]) noteLive(c journal.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if of := d.claims[c]; of != nil {
		of.hasLive = true
	}
}

// withLive returns the conversations whose turns run here and have begun a live part.
func (d *dispatcher[T]) withLive() (all []channels.Conversation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, of := range d.claims {
		if of.hasLive {
			all = append(all, of.Conversation)
		}
	}
	return all
}

// scheduleGrowing is schedule for a conversation whose first part grows here.
func (d *dispatcher[T]) scheduleGrowing(c channels.Conversation, due int64) {
	d.scheduleIn(&d.growing, c, due)
}

// scanGrowing looks for the conversations whose first part grows here.
func (d *dispatcher[T]) scanGrowing(ctx context.Context) error {
	if d.table.isInbox {
		return nil
	}
	live := d.store.inbox.withLive()
	if len(live) == 0 {
		return nil
	}
	channel, sender := conversationColumns(live)
	rows, err := d.store.readPool.Query(ctx, readGrowing, channel, sender, d.store.lease.replicaID())
	found, err := collect(rows, err, func(r pgx.Rows, q *dueQueue) error {
		return r.Scan(text(&q.Channel), text(&q.Sender), &q.due)
	})
	if err != nil {
		return fmt.Errorf("journal postgres: %w", err)
	}
	for _, q := range found {
		d.scheduleGrowing(q.Conversation, q.due)
	}
	return nil
}
