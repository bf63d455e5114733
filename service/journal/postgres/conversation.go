package postgres

import (
	"bytes"
	"cmp"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
)

// queue is one of the two queues of a conversation, as a transaction that has locked the
// conversation sees it.
type queue struct {
	// row, token and replica are the claim's; row 0 is none.
	row, token, replica int64
	// hasWaiting says that a row is in the queue that is not claimed.
	hasWaiting bool
	// headChanged says that the transaction changed the queue, so that its first row, as it
	// was read, may not be the first any more.
	headChanged bool
}

// conversation is the row of one. The row is the lock of all that belongs to the
// conversation: its rows of the inbox and the outbox, its waiters, its keys. Whoever has
// not locked it changes none of them, but for Sweep, which deletes what nobody needs.
type conversation struct {
	channels.Conversation
	// address is nil when none is known; seen is when it was.
	address []byte
	seen    int64
	// inbox is the queue of the inbox's rows and of the callers of Acquire.
	inbox, outbox queue
	// byCaller says that the claim of inbox is the lock of a caller of Acquire, not that of
	// a message.
	byCaller bool
	// waiters is how many callers wait for the lock.
	waiters int
	// readerAt is the replica that the reader came to last, 0 when it has left; readerAlive
	// says that this replica lives.
	readerAt    int64
	readerAlive bool
	// paused says that a human has taken it over.
	paused bool
	// wokenToken is the token of the claim of a part during which the reader came.
	wokenToken int64
	// changed says that the row is to be written, presenceChanged that readerAt and
	// wokenToken are. They have a statement of their own, which few transactions need.
	changed, presenceChanged bool
}

// readerElsewhere reports whether the reader is connected to another replica, which alone
// claims parts then.
func (c *conversation) readerElsewhere(replica int64) bool {
	return c.readerAlive && c.readerAt != replica
}

// isIdle reports whether nobody works or waits in the inbox's queue.
func (c *conversation) isIdle() bool {
	return c.inbox.row == 0 && !c.inbox.hasWaiting && c.waiters == 0
}

// claim gives the queue to a row.
func (c *conversation) claim(q *queue, row, token, replica int64) {
	q.row, q.token, q.replica = row, token, replica
	c.changed = true
}

// free ends the claim of the queue.
func (c *conversation) free(q *queue) {
	q.row, q.token, q.replica, q.headChanged = 0, 0, 0, true
	if q == &c.inbox {
		c.byCaller = false
	}
	c.changed = true
}

// add says that a row came into the queue. While the queue is claimed the conversation
// need not be written: what is due next is found out when the claim ends.
func (c *conversation) add(q *queue) {
	q.hasWaiting, q.headChanged = true, true
	c.changed = c.changed || q.row == 0
}

// compareConversations is the order in which every transaction locks conversations, that
// of bytea: two that lock the same ones in one order can't wait for each other.
func compareConversations(a, b channels.Conversation) int {
	return cmp.Or(bytes.Compare([]byte(a.Channel), []byte(b.Channel)), bytes.Compare([]byte(a.Sender), []byte(b.Sender)))
}

const (
	// lockConversations makes and locks conversations in their order. A conversation that
	// is new can't be locked before it is there. All rows in conflict are locked, also
	// those that WHERE keeps from being updated, which writes nothing:
	// https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
	lockConversations = `
INSERT INTO conversation (channel, sender, seen)
SELECT channel, sender, $3 FROM unnest($1::bytea[], $2::bytea[]) k (channel, sender) ORDER BY channel, sender
ON CONFLICT (channel, sender) DO UPDATE SET seen = excluded.seen WHERE false`

	readConversations = `
SELECT c.channel, c.sender, c.address, c.seen,
	c.turn_row, c.turn_token, c.turn_replica, c.turn_seat, c.part_row, c.part_token, c.part_replica,
	EXISTS (SELECT FROM inbox i WHERE i.channel = c.channel AND i.sender = c.sender AND i.row <> c.turn_row),
	EXISTS (SELECT FROM outbox o WHERE o.channel = c.channel AND o.sender = c.sender AND o.row <> c.part_row),
	(SELECT count(*) FROM caller k WHERE k.channel = c.channel AND k.sender = c.sender),
	c.holder, c.holder <> 0 AND EXISTS (SELECT FROM replica r WHERE r.id = c.holder), c.woken,
	EXISTS (SELECT FROM paused p WHERE p.channel = c.channel AND p.sender = c.sender)
FROM unnest($1::bytea[], $2::bytea[]) k (channel, sender)
JOIN conversation c ON c.channel = k.channel AND c.sender = k.sender
ORDER BY c.channel, c.sender
FOR UPDATE OF c`

	// writeConversations also finds out when the first row of a queue is due, and whether
	// the first of the inbox's queue is a caller. It runs after the rows were written, so
	// it reads what the transaction made of them.
	writeConversations = `
UPDATE conversation c SET
	address = u.address, seen = u.seen,
	turn_row = u.turn_row, turn_token = u.turn_token, turn_replica = u.turn_replica, turn_seat = u.turn_seat,
	part_row = u.part_row, part_token = u.part_token, part_replica = u.part_replica,
	turn_due = CASE WHEN k.row IS NULL OR i.position < k.row THEN i.due END, part_due = o.due
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[])
	u (channel, sender, address, seen, turn_row, turn_token, turn_replica, turn_seat, part_row, part_token, part_replica)
LEFT JOIN LATERAL (SELECT position, due FROM inbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) i ON u.turn_row = 0
LEFT JOIN LATERAL (SELECT row FROM caller
	WHERE channel = u.channel AND sender = u.sender ORDER BY row LIMIT 1) k ON u.turn_row = 0
LEFT JOIN LATERAL (SELECT due, owner FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) o ON u.part_row = 0
WHERE c.channel = u.channel AND c.sender = u.sender
RETURNING c.channel, c.sender, c.turn_due, c.part_due, k.row IS NOT NULL AND c.turn_due IS NULL, coalesce(o.owner, 0)`
)

func scanConversation(rows pgx.Rows) (*conversation, error) {
	c := &conversation{}
	err := rows.Scan(text(&c.Channel), text(&c.Sender), &c.address, &c.seen,
		&c.inbox.row, &c.inbox.token, &c.inbox.replica, &c.byCaller, &c.outbox.row, &c.outbox.token, &c.outbox.replica,
		&c.inbox.hasWaiting, &c.outbox.hasWaiting, &c.waiters, &c.readerAt, &c.readerAlive, &c.wokenToken, &c.paused)
	return c, err
}

func scanConversationKey(rows pgx.Rows, c *channels.Conversation) error {
	return rows.Scan(text(&c.Channel), text(&c.Sender))
}

// head says what is first in the queues of a conversation that was written. A time is nil
// when the queue is empty or claimed.
type head struct {
	channels.Conversation
	turnDue, partDue *int64
	// waiter says that a caller is first, and the lock is free.
	waiter bool
	// partOwner is the owner of the first part, 0 for none.
	partOwner int64
}

func scanHead(rows pgx.Rows) (h head, err error) {
	err = rows.Scan(text(&h.Channel), text(&h.Sender), &h.turnDue, &h.partDue, &h.waiter, &h.partOwner)
	return h, err
}
