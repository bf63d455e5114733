package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// readConnections is how many connections the reader has, and so how many calls can read
// at once.
const readConnections = 4

// reader reads what was committed, on connections of its own: in WAL mode it neither
// waits for the writer nor makes it wait.
type reader struct {
	pool *sql.DB
	all  []*sql.Stmt

	part, address, choices, aliases                      *sql.Stmt
	deadLetters, deadLettersOfChannel, deadConversations *sql.Stmt
	lookup                                               lookup
	media                                                mediaReads
	bounds, history, events, eventsOfConversation        *sql.Stmt
	indexedOfChannel, recentOfChannel                    *sql.Stmt
}

func newReader(ctx context.Context, file string) (*reader, error) {
	pool, err := connect(file, readConnections, "query_only(1)")
	if err != nil {
		return nil, err
	}
	r := &reader{pool: pool}
	if r.all, err = prepareAll(ctx, pool, r.sources()); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *reader) sources() []source {
	const fields = `e.kind, e.channel, e.sender, e.message_id, e.time, e.further, e.body`
	const dead = `SELECT id, kind, channel, sender, reason, died, coalesce(raw, body), expired FROM dead_letter `
	return append(slices.Concat(r.lookup.sources(), r.media.sources()), []source{
		{&r.part, `SELECT attempts, body, live IS NOT NULL, receipt FROM outbox WHERE id = ?`},
		{&r.deadLetters, dead + `WHERE id > ? ORDER BY id LIMIT ?`},
		{&r.deadLettersOfChannel, dead + `WHERE channel = ? AND id > ? ORDER BY id LIMIT ?`},
		{&r.deadConversations, `SELECT id, channel, sender FROM dead_letter WHERE id IN (SELECT value FROM json_each(?))`},
		{&r.address, `SELECT address FROM conversation WHERE channel = ? AND sender = ?`},

		{&r.choices, `SELECT open, body FROM choice WHERE channel = ? AND sender = ? AND stored >= ? ORDER BY id DESC LIMIT ?`},

		{&r.aliases, readAliases},

		{&r.history, eventsOf(fields, `cursor <= ?5 AND e.kind IN ('message', 'reply')`, `DESC LIMIT ?6`)},
		{&r.bounds, `SELECT swept, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) FROM store`},
		{&r.events, `SELECT e.cursor, ` + fields + ` FROM event e WHERE cursor > ? ORDER BY cursor LIMIT ?`},
		{&r.indexedOfChannel, indexedOfChannel(fields)}, {&r.recentOfChannel, recentOfChannel(fields)},
		{&r.eventsOfConversation, eventsOf(fields, `cursor > ?5 AND e.cursor <= ?6`, `LIMIT ?7`)},
	}...)
}

func (r *reader) close() error {
	return errors.Join(closeAll(r.all), r.pool.Close())
}

// errUnreadable says that a row exists and its body can't be read.
var errUnreadable = errors.New(unreadable)

// readPart reads a claimed part. Growing says that it grew when it was claimed: it may have been
// completed since.
func (r *reader) readPart(ctx context.Context, c journal.Claim, growing bool) (journal.Delivery, error) {
	d := journal.Delivery{Claim: c}
	var body, receipt []byte
	var live bool
	if err := r.part.QueryRowContext(ctx, c.Row).Scan(&d.Attempts, &body, &live, &receipt); err != nil {
		return d, err
	}
	d.Live = journal.LiveOf(growing && live, journal.DecodeReceipt(receipt))
	var err error
	if d.Part, err = journal.DecodePart(body); err != nil {
		return d, errUnreadable
	}
	return d, nil
}

func (r *reader) readAddress(ctx context.Context, c channels.Conversation) (address string, known bool, err error) {
	err = r.address.QueryRowContext(ctx, c.Channel, c.Sender).Scan(&address)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return address, err == nil, err
}
