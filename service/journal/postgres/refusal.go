package postgres

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	countRefused = `
SELECT u.channel, u.sender, r.n FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM dead_letter
	WHERE channel = u.channel AND sender = u.sender AND kind = 'refused' LIMIT $3) bounded) r`
	addRefused = `
INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
SELECT u.id, 'refused', false, u.channel, u.sender, u.position, $6, $7, u.body
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) u (id, position, channel, sender, body)`
)

// refusedCount is how many dead letters of KindRefused a conversation has.
type refusedCount struct {
	channels.Conversation
	n int
}

// Refuse is journal.Journal's. It needs a transaction of its own: how many are kept depends
// on what is counted under the locks of the conversations.
func (s *Store) Refuse(ctx context.Context, limit int, es ...journal.Entry) (int, error) {
	rows, err := journal.EncodeEntries(es)
	if err != nil {
		return 0, err
	}
	of := column(es, func(e journal.Entry) channels.Conversation { return e.Message.Conversation() })
	o := &operation{needs: needs{
		conversations: of, keys: column(es, func(e journal.Entry) journal.Key { return e.Key() }), numbers: 2 * len(es),
	}}
	var kept atomic.Int64
	o.exclusive = func(t *tx) error {
		counts, err := s.countRefused(t, of, limit)
		if err != nil {
			return err
		}
		refused := t.refuse(rows, counts, limit)
		kept.Store(int64(len(refused)))
		events, err := s.encodeEvents(refused...)
		t.appendEvents(events...)
		return err
	}
	err = s.commit(ctx, o)
	return int(kept.Load()), err
}

func (s *Store) countRefused(t *tx, of []channels.Conversation, limit int) (map[channels.Conversation]int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	channel, sender := conversationColumns(of)
	rows, err := t.conn.Query(ctx, countRefused, channel, sender, limit)
	found, err := collect(rows, err, func(rows pgx.Rows, c *refusedCount) error {
		return rows.Scan(text(&c.Channel), text(&c.Sender), &c.n)
	})
	counts := map[channels.Conversation]int{}
	for _, c := range found {
		counts[c.Conversation] = c.n
	}
	return counts, err
}

// refuse adds the dead letters of messages, and their keys, and returns their events.
func (t *tx) refuse(rows []journal.InboxRow, counts map[channels.Conversation]int, limit int) (events []channels.Event) {
	var ids, positions []int64
	var of []channels.Conversation
	var bodies [][]byte
	for i := range rows {
		e := &rows[i]
		c := e.Message.Conversation()
		if counts[c] >= limit || !t.addKey(&e.Entry) {
			continue
		}
		counts[c]++
		positions, ids = append(positions, t.number()), append(ids, t.number())
		of, bodies = append(of, c), append(bodies, e.Body)
		t.keepMedia(&e.Entry, positions[len(positions)-1])
		events = append(events, journal.RefusedEvent(&e.Message, t.now.UTC()))
	}
	if len(ids) > 0 {
		channel, sender := conversationColumns(of)
		t.statements = append(t.statements, func(b *pgx.Batch) {
			b.Queue(addRefused, ids, positions, channel, sender, bodies, micro(t.now), []byte(journal.ReasonRefused))
		})
	}
	return events
}
