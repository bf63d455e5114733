package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

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

	// movePresence locks conversations in their order.
	movePresence = `
UPDATE conversation c SET holder = $2
FROM (SELECT channel, sender FROM conversation WHERE holder = ANY($1)
	ORDER BY channel, sender LIMIT $3 FOR UPDATE) k
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

// setPresence makes this replica the holder. When somebody in NextPart waits, the first part is
// claimed with it.
func (s *Store) setPresence(t *tx, c *conversation) {
	c.presenceChanged = c.presenceChanged || c.readerAt != t.replica
	c.readerAt, c.readerAlive = t.replica, true
	t.onCommit(func() {
		if s.lease.replicaID() != t.replica { // it was lost before it was known
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

// Gone is journal.Journal's.
func (s *Store) Gone(ctx context.Context, c channels.Conversation) error {
	return s.commit(ctx, locking(c, func(t *tx) error {
		if conv := t.conversations[c]; conv.readerAt == t.replica || s.lease.isOwn(conv.readerAt) {
			conv.readerAt, conv.readerAlive = 0, false
			conv.presenceChanged, conv.changed = true, true
		}
		return nil
	}))
}

// queuePresence adds what readers who came and left change, before it is read when the
// first part of a line is due.
func (t *tx) queuePresence(b *pgx.Batch) {
	var moved []channels.Conversation
	var readerAt, wokenToken []int64
	for at, c := range t.conversations {
		if c.presenceChanged {
			moved, readerAt, wokenToken = append(moved, at), append(readerAt, c.readerAt), append(wokenToken, c.wokenToken)
		}
	}
	if len(moved) > 0 {
		channel, sender := conversationColumns(moved)
		b.Queue(writePresence, channel, sender, readerAt, wokenToken)
	}
	if len(t.dueNow) > 0 {
		channel, sender := conversationColumns(t.dueNow)
		b.Queue(makeDue, channel, sender)
	}
}

// addFormerID says that readers may be held under an earlier number of this process.
func (l *lease) addFormerID(number int64) {
	l.mu.Lock()
	l.formerIDs = append(l.formerIDs, number)
	l.mu.Unlock()
	l.renewNow()
}

// isOwn reports whether the number is this process's, or an earlier one.
func (l *lease) isOwn(number int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return number == l.id || slices.Contains(l.formerIDs, number)
}

// movePresence holds the readers of earlier numbers under the present one, so many in a
// heartbeat that it is not late. Those that came to another process meanwhile are its.
func (l *lease) movePresence() error {
	l.mu.Lock()
	former, id := slices.Clone(l.formerIDs), l.id
	l.mu.Unlock()
	if len(former) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Heartbeat)
	defer cancel()
	tag, err := l.db.Exec(ctx, movePresence, former, id, maxBatch)
	if err != nil {
		return err
	}
	l.store.outbox.rescan()
	if tag.RowsAffected() == maxBatch {
		l.renewNow()
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.formerIDs = slices.DeleteFunc(l.formerIDs, func(n int64) bool { return slices.Contains(former, n) })
	return nil
}
