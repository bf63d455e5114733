package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

const (
	writeHolders = `
UPDATE conversation c SET holder = u.holder, woken = u.woken
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) u (channel, sender, holder, woken)
WHERE c.channel = u.channel AND c.sender = u.sender`

	wakeParts = `
UPDATE outbox o SET due = 0 FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) first
WHERE o.row = first.row`

	// moveHolders locks conversations in their order.
	moveHolders = `
UPDATE conversation c SET holder = $2
FROM (SELECT channel, sender FROM conversation WHERE holder = ANY($1)
	ORDER BY channel, sender LIMIT $3 FOR UPDATE) k
WHERE c.channel = k.channel AND c.sender = k.sender`
)

// Wake is journal.Journal's.
func (s *Store) Wake(ctx context.Context, c channels.Conversation) error {
	o := locking(c, func(t *tx) error {
		s.wake(t, t.conversations[c])
		return nil
	})
	o.parts, o.numbers = []channels.Conversation{c}, 2
	return s.do(ctx, o)
}

// wake makes this replica the holder. When somebody in NextPart waits, the first part is
// claimed with it.
func (s *Store) wake(t *tx, c *conversation) {
	c.turned = c.turned || c.holder != t.replica
	c.holder, c.held = t.replica, true
	t.onCommit(func() {
		if s.lease.current() != t.replica { // it was lost before it was known
			s.lease.succeed(t.replica)
		}
	})
	switch first := t.parts[c.Conversation]; {
	case c.part.row != 0:
		c.woken, c.turned = c.part.token, true
	case c.part.waits:
		t.woken, c.changed = append(t.woken, c.Conversation), true
		if first != nil && !c.part.stirred {
			s.outbox.claim(t, c, first, false)
		}
	}
}

// Gone is journal.Journal's.
func (s *Store) Gone(ctx context.Context, c channels.Conversation) error {
	return s.do(ctx, locking(c, func(t *tx) error {
		if conv := t.conversations[c]; conv.holder == t.replica || s.lease.owns(conv.holder) {
			conv.holder, conv.held = 0, false
			conv.turned, conv.changed = true, true
		}
		return nil
	}))
}

// queueHolders adds what readers who came and left change, before it is read when the
// first part of a line is due.
func (t *tx) queueHolders(b *pgx.Batch) {
	var turned []channels.Conversation
	var holder, woken []int64
	for at, c := range t.conversations {
		if c.turned {
			turned, holder, woken = append(turned, at), append(holder, c.holder), append(woken, c.woken)
		}
	}
	if len(turned) > 0 {
		channel, sender := keyColumns(turned)
		b.Queue(writeHolders, channel, sender, holder, woken)
	}
	if len(t.woken) > 0 {
		channel, sender := keyColumns(t.woken)
		b.Queue(wakeParts, channel, sender)
	}
}

// succeed says that readers may be held under an earlier number of this process.
func (l *lease) succeed(number int64) {
	l.mu.Lock()
	l.former = append(l.former, number)
	l.mu.Unlock()
	l.hurry()
}

// owns reports whether the number is this process's, or an earlier one.
func (l *lease) owns(number int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return number == l.id || slices.Contains(l.former, number)
}

// rehold holds the readers of earlier numbers under the present one, so many in a
// heartbeat that it is not late. Those that came to another process meanwhile are its.
func (l *lease) rehold() error {
	l.mu.Lock()
	former, id := slices.Clone(l.former), l.id
	l.mu.Unlock()
	if len(former) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Heartbeat)
	defer cancel()
	tag, err := l.db.Exec(ctx, moveHolders, former, id, most)
	if err != nil {
		return err
	}
	l.store.outbox.look()
	if tag.RowsAffected() == most {
		l.hurry()
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.former = slices.DeleteFunc(l.former, func(n int64) bool { return slices.Contains(former, n) })
	return nil
}
