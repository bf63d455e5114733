package postgres

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// errLeaseExpired says that other replicas have taken this one for dead.
var errLeaseExpired = errors.New("the lease of this replica expired")

// tx is what the operations of one transaction share: first what they asked to read,
// with the conversations locked, then what they change.
//
// Every transaction takes its locks in this order, so that no two wait for each other:
//
//  1. the row of its replica, shared, so that nobody removes the replica meanwhile;
//  2. the commit marker of its replica, by which the writer can wait for its outcome;
//  3. the rows of the conversations, in the order of their keys;
//  4. the rows that belong to them, which nobody else changes while they are locked;
//  5. the counter of events, last. All replicas need it, so it is locked in the same round
//     trip that commits. And because whoever has it is about to commit, cursors appear in
//     their order: a reader that goes on from the newest cursor it saw skips nothing.
type tx struct {
	conn  *pgxpool.Conn
	now   time.Time
	clock *clock
	// replica is this process's; marker is the transaction's number among its own.
	replica, marker int64
	// validity is that of the lease when the transaction began.
	validity *validity

	conversations map[channels.Conversation]*conversation
	dedupe        map[journal.Key]*dedupeRow
	// firstMessages and firstParts are the first rows of queues, firstWaiters the first
	// waiters, of the conversations whose operations asked for them.
	firstMessages, firstParts map[channels.Conversation]*row
	firstWaiters              map[channels.Conversation]*waiter
	// cursor is one that all events of the transaction are above.
	cursor  int64
	numbers []int64

	inbox, outbox  writes
	choices        choiceWrites
	live           liveRows
	addedWaiters   []*waiter
	removedWaiters []int64
	events         []journal.EventRow
	// dueNow are conversations whose first part becomes due.
	dueNow []channels.Conversation
	// statements adds further statements.
	statements []func(*pgx.Batch)
	// hasWritten says that an exclusive operation has written already.
	hasWritten bool
	// isEmpty says that nothing was to be written, so that nothing was committed.
	isEmpty bool
	// heads are the first of the queues that were written.
	heads []head

	// committed and failed are called when the outcome is known.
	committed, failed []func()
}

func (t *tx) onCommit(f func())  { t.committed = append(t.committed, f) }
func (t *tx) onFailure(f func()) { t.failed = append(t.failed, f) }

func callAll(fs []func()) {
	for _, f := range fs {
		f()
	}
}

// number returns the next of the numbers that the operations asked for.
func (t *tx) number() int64 {
	n := t.numbers[0]
	t.numbers = t.numbers[1:]
	return n
}

// beginSettings bounds the transaction on the server's side, which gives up by itself when
// the process stands still: the conversations it has locked can be taken over then.
//
// A role or a database may have synchronous_commit off, which would lose what was
// acknowledged; it is turned on. The plans go by the indexes whatever the statistics say:
// those of a table that was empty a minute ago suggest to read all of it. What is turned
// off looks so expensive to the planner that it would compile the query (jit), which takes
// longer than to run it.
const beginSettings = `
SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true),
	set_config('idle_in_transaction_session_timeout', $2, true),
	set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
		THEN 'on' ELSE current_setting('synchronous_commit') END, true),
	set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
	set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`

const (
	// shareReplica keeps others from removing the replica while the transaction runs. When
	// they have removed it, it returns no row: the transaction ends with errLeaseExpired.
	shareReplica  = `SELECT id FROM replica WHERE id = $1 FOR KEY SHARE`
	advanceMarker = `UPDATE mark SET number = number + 1, at = clock_timestamp() WHERE replica = $1 RETURNING number`
	readNumbers   = `SELECT nextval('number') FROM generate_series(1, $1)`
	readCursor    = `SELECT event FROM counter`

	// addEvents locks the counter and gives the events the cursors that follow; n is how far
	// the last of a row is behind. A sequence would give cursors out of the order of commits.
	addEvents = `
WITH c AS (UPDATE counter SET event = event + $1 RETURNING event - $1 AS last), e AS (
	INSERT INTO event (cursor, kind, channel, sender, message_id, time, body, further)
	SELECT c.last + u.n, u.kind, u.channel, u.sender, u.message_id, u.time, u.body, u.further
	FROM c, unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bytea[], $8::bigint[], $9::bigint[])
		u (kind, channel, sender, message_id, time, body, further, n)
)
SELECT last FROM c`
)

func (s *Store) newTx(conn *pgxpool.Conn) *tx {
	replica, valid := s.lease.current()
	return &tx{
		conn: conn, now: s.now().Truncate(time.Microsecond), replica: replica, validity: valid, clock: &s.clock,
		conversations: map[channels.Conversation]*conversation{}, dedupe: map[journal.Key]*dedupeRow{},
		firstMessages: map[channels.Conversation]*row{}, firstParts: map[channels.Conversation]*row{},
		firstWaiters: map[channels.Conversation]*waiter{},
		inbox:        writes{table: s.inbox.table, updates: map[int64]*rowUpdate{}},
		outbox:       writes{table: s.outbox.table, updates: map[int64]*rowUpdate{}},
		live:         liveRows{owned: map[int64]*liveRow{}},
	}
}

// load begins the transaction, locks the conversations, and reads, in one round trip. On
// return nobody else changes what was read until the transaction ends.
func (t *tx) load(ctx context.Context, n *needs, patience, idle time.Duration) error {
	b := &pgx.Batch{}
	b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	b.Queue(beginSettings, millis(patience), millis(idle))
	b.Queue(shareReplica, t.replica).QueryRow(func(r pgx.Row) error { return r.Scan(&t.replica) })
	b.Queue(advanceMarker, t.replica).QueryRow(func(r pgx.Row) error { return r.Scan(&t.marker) })
	t.queueLocks(b, n.conversations)
	t.queueReads(b, n)
	err := t.conn.SendBatch(ctx, b).Close()
	if errors.Is(err, pgx.ErrNoRows) {
		return errLeaseExpired
	}
	return err
}

func (t *tx) queueLocks(b *pgx.Batch, all []channels.Conversation) {
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, compareConversations)
	channel, sender := conversationColumns(slices.Compact(all))
	b.Queue(lockConversations, channel, sender, micro(t.now))
	eachRow(b.Queue(readConversations, channel, sender), scanConversation, func(c *conversation) {
		t.conversations[c.Conversation] = c
	})
}

func (t *tx) queueReads(b *pgx.Batch, n *needs) {
	if len(n.keys) > 0 {
		channel, sender, id := keyColumns(n.keys)
		eachRow(b.Queue(readDedupe, channel, sender, id), scanDedupe, func(d *dedupeRow) { t.dedupe[d.Key] = d })
		b.Queue(readCursor).QueryRow(func(r pgx.Row) error { return r.Scan(&t.cursor) })
	}
	queueFirstRows(b, t.inbox.first, n.messages, t.firstMessages)
	queueFirstRows(b, t.outbox.first, n.parts, t.firstParts)
	if len(n.live) > 0 {
		channel, sender := conversationColumns(n.live)
		eachRow(b.Queue(readLive, channel, sender), scanLive, func(r *liveRow) { t.live.owned[r.row] = r })
	}
	if len(n.waiters) > 0 {
		channel, sender := conversationColumns(n.waiters)
		eachRow(b.Queue(readFirstWaiters, channel, sender), scanWaiter, func(c *waiter) { t.firstWaiters[c.Conversation] = c })
	}
	if n.numbers > 0 {
		eachRow(b.Queue(readNumbers, n.numbers), scanNumber, func(n int64) { t.numbers = append(t.numbers, n) })
	}
}

func queueFirstRows(b *pgx.Batch, sql string, of []channels.Conversation, into map[channels.Conversation]*row) {
	if len(of) > 0 {
		channel, sender := conversationColumns(of)
		eachRow(b.Queue(sql, channel, sender), scanRow, func(r *row) { into[r.Conversation] = r })
	}
}

func scanNumber(rows pgx.Rows) (n int64, err error) {
	err = rows.Scan(&n)
	return n, err
}

// save writes what was changed, and commits. The rows of the queues are written before the
// conversations, which take from them what is due next, and the counter of events last.
func (t *tx) save(ctx context.Context) error {
	b := &pgx.Batch{}
	now := micro(t.now)
	t.inbox.queue(b, now)
	t.queueLive(b)
	t.outbox.queue(b, now)
	t.choices.queue(b, now)
	queueWaiters(b, t.addedWaiters, t.removedWaiters)
	for _, f := range t.statements {
		f(b)
	}
	queueDedupe(b, t.dedupe)
	t.queuePresence(b)
	t.queueConversations(b)
	t.queueEvents(b)
	if t.isEmpty = b.Len() == 0 && !t.hasWritten; t.isEmpty {
		_, err := t.conn.Exec(ctx, "ROLLBACK") // cheaper than a commit, which waits for the disk
		return err
	}
	b.Queue("COMMIT")
	return t.conn.SendBatch(ctx, b).Close()
}

func (t *tx) queueConversations(b *pgx.Batch) {
	changed := slices.DeleteFunc(slices.Collect(maps.Values(t.conversations)), func(c *conversation) bool { return !c.changed })
	if len(changed) == 0 {
		return
	}
	number := func(value func(c *conversation) int64) []int64 { return column(changed, value) }
	channel, sender := conversationColumns(column(changed, func(c *conversation) channels.Conversation { return c.Conversation }))
	q := b.Queue(writeConversations, channel, sender,
		column(changed, func(c *conversation) []byte { return c.address }),
		number(func(c *conversation) int64 { return c.seen }),
		number(func(c *conversation) int64 { return c.inbox.row }),
		number(func(c *conversation) int64 { return c.inbox.token }),
		number(func(c *conversation) int64 { return c.inbox.replica }),
		column(changed, func(c *conversation) bool { return c.byCaller }),
		number(func(c *conversation) int64 { return c.outbox.row }),
		number(func(c *conversation) int64 { return c.outbox.token }),
		number(func(c *conversation) int64 { return c.outbox.replica }))
	eachRow(q, scanHead, func(h head) { t.heads = append(t.heads, h) })
}

func (t *tx) queueEvents(b *pgx.Batch) {
	if len(t.events) == 0 {
		return
	}
	channel, sender := conversationColumns(column(t.events, func(e journal.EventRow) channels.Conversation { return e.Conversation() }))
	last := int64(0)
	b.Queue(addEvents, t.countEvents(),
		column(t.events, func(e journal.EventRow) string { return string(e.Kind) }),
		channel, sender,
		column(t.events, func(e journal.EventRow) []byte { return []byte(e.MessageID) }),
		column(t.events, func(e journal.EventRow) int64 { return micro(e.Time) }),
		column(t.events, func(e journal.EventRow) []byte { return e.Body }),
		column(t.events, func(e journal.EventRow) int64 { return int64(e.Further) }),
		column(t.events, func(e journal.EventRow) int64 { last += int64(e.Further) + 1; return last }),
	).QueryRow(func(r pgx.Row) error { return r.Scan(&t.cursor) })
}

// countEvents returns how many events the rows hold.
func (t *tx) countEvents() (n int64) {
	for i := range t.events {
		n += int64(t.events[i].Further) + 1
	}
	return n
}

// newestCursor is the cursor of the last event that was added.
func (t *tx) newestCursor() int64 { return t.cursor + t.countEvents() }
