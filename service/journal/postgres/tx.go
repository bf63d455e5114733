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
var errLeaseExpired = errors.New("the lease of this replica lapsed")

// tx is what the operations of one transaction share: first what they asked to read,
// with the conversations locked, then what they change.
type tx struct {
	conn *pgxpool.Conn
	now  time.Time
	// replica is this process's; mark is the transaction's number among its own.
	replica, marker int64

	conversations map[channels.Conversation]*conversation
	dedupe        map[journal.Key]*dedupeRow
	// firstMessages and parts are the first rows of lines, callers the first callers, of the
	// conversations whose operations asked for them.
	firstMessages, firstParts map[channels.Conversation]*row
	firstWaiters              map[channels.Conversation]*waiter
	// cursor is one that all events of the transaction are above.
	cursor  int64
	numbers []int64

	inbox, outbox  writes
	addedWaiters   []*waiter
	removedWaiters []int64
	events         []encodedEvent
	// dueNow are conversations whose first part is due now.
	dueNow []channels.Conversation
	// statements adds further statements.
	statements []func(*pgx.Batch)
	// hasWritten says that an operation that is alone has written already.
	hasWritten bool
	// heads are the first of the lines that were written.
	heads []head

	// committed and failed tell how the transaction ended.
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

// needs are what operations ask to be locked and read.
type needs struct {
	// conversations are locked.
	conversations []channels.Conversation
	// keys are keys of these conversations.
	keys []journal.Key
	// turns, parts and callers are conversations of which the first is read.
	messages, parts, waiters []channels.Conversation
	// numbers is how many are to be given at most.
	numbers int
}

func (n *needs) add(o *needs) {
	n.conversations = append(n.conversations, o.conversations...)
	n.keys = append(n.keys, o.keys...)
	n.messages, n.parts, n.waiters = append(n.messages, o.messages...), append(n.parts, o.parts...), append(n.waiters, o.waiters...)
	n.numbers += o.numbers
}

// beginSettings opens the transaction, which gives up by itself when the process stands still:
// the conversations it has locked can be taken over then. The plans go by the indexes
// whatever the statistics say; what is turned off looks so dear that it would be compiled.
const beginSettings = `
SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true),
	set_config('idle_in_transaction_session_timeout', $2, true),
	set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
		THEN 'on' ELSE current_setting('synchronous_commit') END, true),
	set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
	set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`

const (
	// shareReplica keeps others from deleting the replica while the transaction runs.
	shareReplica  = `SELECT id FROM replica WHERE id = $1 FOR KEY SHARE`
	advanceMarker = `UPDATE mark SET number = number + 1, at = clock_timestamp() WHERE replica = $1 RETURNING number`
	readNumbers   = `SELECT nextval('number') FROM generate_series(1, $1)`
	readCursor    = `SELECT event FROM counter`

	// addEvents locks the counter and gives the events the cursors that follow.
	addEvents = `
WITH c AS (UPDATE counter SET event = event + $1 RETURNING event - $1 AS last), e AS (
	INSERT INTO event (cursor, kind, channel, sender, message_id, time, body)
	SELECT c.last + u.n, u.kind, u.channel, u.sender, u.message_id, u.time, u.body
	FROM c, unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bytea[])
		WITH ORDINALITY u (kind, channel, sender, message_id, time, body, n)
)
SELECT last FROM c`
)

func (s *Store) newTx(conn *pgxpool.Conn) *tx {
	return &tx{
		conn: conn, now: time.Now().Truncate(time.Microsecond), replica: s.lease.replicaID(),
		conversations: map[channels.Conversation]*conversation{}, dedupe: map[journal.Key]*dedupeRow{},
		firstMessages: map[channels.Conversation]*row{}, firstParts: map[channels.Conversation]*row{},
		firstWaiters: map[channels.Conversation]*waiter{},
		inbox:        writes{table: s.inbox.table, updates: map[int64]*rowUpdate{}},
		outbox:       writes{table: s.outbox.table, updates: map[int64]*rowUpdate{}},
	}
}

// load begins the transaction, locks the conversations, and reads.
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

// eachRow scans the rows of a statement of a batch.
func eachRow[T any](q *pgx.QueuedQuery, scan func(pgx.Rows) (T, error), f func(T)) {
	q.Query(func(rows pgx.Rows) error {
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				return err
			}
			f(v)
		}
		return rows.Err()
	})
}

// save writes what was changed, the counter of events last, and commits.
func (t *tx) save(ctx context.Context) error {
	b := &pgx.Batch{}
	now := micro(t.now)
	t.inbox.queue(b, now)
	t.outbox.queue(b, now)
	queueWaiters(b, t.addedWaiters, t.removedWaiters)
	for _, f := range t.statements {
		f(b)
	}
	queueDedupe(b, t.dedupe)
	t.queuePresence(b)
	t.queueConversations(b)
	t.queueEvents(b)
	if b.Len() == 0 && !t.hasWritten {
		_, err := t.conn.Exec(ctx, "ROLLBACK")
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
	n := len(changed)
	channel, sender, address, lock := make([][]byte, n), make([][]byte, n), make([][]byte, n), make([]bool, n)
	var numbers [7][]int64
	for i, c := range changed {
		channel[i], sender[i], address[i], lock[i] = []byte(c.Channel), []byte(c.Sender), c.address, c.byCaller
		for j, v := range []int64{c.seen, c.inbox.row, c.inbox.token, c.inbox.replica, c.outbox.row, c.outbox.token, c.outbox.replica} {
			numbers[j] = append(numbers[j], v)
		}
	}
	q := b.Queue(writeConversations, channel, sender, address, numbers[0],
		numbers[1], numbers[2], numbers[3], lock, numbers[4], numbers[5], numbers[6])
	eachRow(q, scanHead, func(h head) { t.heads = append(t.heads, h) })
}

func (t *tx) queueEvents(b *pgx.Batch) {
	if len(t.events) == 0 {
		return
	}
	var kind []string
	var channel, sender, id, body [][]byte
	var at []int64
	for _, n := range t.events {
		kind, channel, sender = append(kind, string(n.Kind)), append(channel, []byte(n.Channel)), append(sender, []byte(n.Sender))
		id, at, body = append(id, []byte(n.MessageID)), append(at, micro(n.Time)), append(body, n.body)
	}
	b.Queue(addEvents, len(t.events), kind, channel, sender, id, at, body).
		QueryRow(func(r pgx.Row) error { return r.Scan(&t.cursor) })
}

// newestCursor is the cursor of the last event that was added.
func (t *tx) newestCursor() int64 { return t.cursor + int64(len(t.events)) }
