package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// Parts for a reader who keeps a connection, such as a browser at a socket, can be sent by
// the one replica that has the connection. So the conversation says at which replica its
// reader is (column holder), and only that one claims its parts, while its lease is not
// taken over: a number that is not in the table replica any more counts as none, so that
// nothing has to be cleared when a replica dies.

// maxMoved is the limit of the statement movePresence.
const maxMoved = 100

const (
	writePresence = `
UPDATE conversation c SET holder = u.holder, woken = u.woken
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) u (channel, sender, holder, woken)
WHERE c.channel = u.channel AND c.sender = u.sender`

	makeDue = `
UPDATE outbox o SET due = 0 FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) first
WHERE o.row = first.row`

	// movePresence moves up to maxMoved readers. It locks conversations in their order, as
	// every transaction does. The planner has to know the limit, or it reads all of them.
	movePresence = `
UPDATE conversation c SET holder = $2
FROM (SELECT channel, sender FROM conversation WHERE holder = ANY($1) AND holder <> 0
	ORDER BY channel, sender LIMIT 100 FOR UPDATE) k
WHERE c.channel = k.channel AND c.sender = k.sender`
)

// Wake is journal.Journal's.
func (s *Store) Wake(ctx context.Context, c channels.Conversation) error {
	o := locking(c, func(t *tx) error {
		s.setPresence(t, t.conversations[c])
		return nil
	})
	o.parts, o.numbers = []channels.Conversation{c}, 2
	return s.commit(ctx, o)
}

// setPresence says that the reader is connected to this replica. When a consumer waits, the
// first part is claimed with it. A part that is claimed, here or elsewhere, may be failing
// for want of the reader: its token is kept, and SettlePart makes it due again at once.
func (s *Store) setPresence(t *tx, c *conversation) {
	c.presenceChanged = c.presenceChanged || c.readerAt != t.replica
	c.readerAt, c.readerAlive = t.replica, true
	t.onCommit(func() {
		if s.lease.replicaID() != t.replica { // the lease was lost before the commit was known
			s.lease.addFormerID(t.replica)
		}
	})
	switch first := t.firstParts[c.Conversation]; {
	case c.outbox.row != 0:
		c.wokenToken, c.presenceChanged = c.outbox.token, true
	case c.outbox.hasWaiting:
		t.dueNow, c.changed = append(t.dueNow, c.Conversation), true
		if first != nil && !c.outbox.headChanged {
			s.outbox.claim(t, c, first, false)
		}
	}
}

// Gone is journal.Journal's. A reader who has come to another replica meanwhile stays there.
func (s *Store) Gone(ctx context.Context, c channels.Conversation) error {
	return s.commit(ctx, locking(c, func(t *tx) error {
		if conv := t.conversations[c]; conv.readerAt == t.replica || s.lease.isOwn(conv.readerAt) {
			conv.readerAt, conv.readerAlive = 0, false
			conv.presenceChanged, conv.changed = true, true
		}
		return nil
	}))
}

// queuePresence adds what readers who came and left change. It goes before
// queueConversations, which reads when the first part of a queue is due.
func (t *tx) queuePresence(b *pgx.Batch) {
	moved := slices.DeleteFunc(slices.Collect(maps.Values(t.conversations)), func(c *conversation) bool { return !c.presenceChanged })
	if len(moved) > 0 {
		channel, sender := conversationColumns(column(moved, func(c *conversation) channels.Conversation { return c.Conversation }))
		b.Queue(writePresence, channel, sender,
			column(moved, func(c *conversation) int64 { return c.readerAt }),
			column(moved, func(c *conversation) int64 { return c.wokenToken }))
	}
	if len(t.dueNow) > 0 {
		channel, sender := conversationColumns(t.dueNow)
		b.Queue(makeDue, channel, sender)
	}
}

// addFormerID says that readers may stand as connected to an earlier number of this process.
func (l *lease) addFormerID(number int64) {
	l.mu.Lock()
	l.formerIDs = append(l.formerIDs, number)
	l.mu.Unlock()
	l.renewNow.send()
}

// isOwn reports whether the number is this process's, or an earlier one.
func (l *lease) isOwn(number int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return number == l.id || slices.Contains(l.formerIDs, number)
}

// movePresence moves the readers of earlier numbers to the present one, no more than
// maxMoved in a heartbeat, so that the next is not late. Those that came to another replica
// meanwhile are its: their conversations have its number.
func (l *lease) movePresence() error {
	l.mu.Lock()
	former, id := slices.Clone(l.formerIDs), l.id
	l.mu.Unlock()
	if len(former) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Heartbeat)
	defer cancel()
	tag, err := l.pool.Exec(ctx, movePresence, former, id)
	if err != nil {
		return err
	}
	l.store.outbox.rescan()
	if tag.RowsAffected() == maxMoved {
		l.renewNow.send()
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.formerIDs = slices.DeleteFunc(l.formerIDs, func(n int64) bool { return slices.Contains(former, n) })
	return nil
}
