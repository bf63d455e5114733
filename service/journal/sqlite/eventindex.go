package sqlite

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// eventIndexTable is a migration. Event_index says which rows of event are of a conversation,
// and in which blocks of cursors there are rows of a channel. It has all rows up to the cursor
// store.indexed; those behind it are recentEvents.
//
// SQLite's own indexes did the same, and cost more than the rows themselves: nearly every turn
// changed another page. Entries that are added a few thousand at a time, in their order, share
// the pages that they change.
//
// An earlier program that deletes rows leaves their entries. They lead to nothing.
const eventIndexTable = `
CREATE TABLE event_index (
	key    INTEGER NOT NULL,
	cursor INTEGER NOT NULL,
	PRIMARY KEY (key, cursor)
) WITHOUT ROWID;
ALTER TABLE store ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
`

// dropFormerIndexes deletes the indexes that earlier programs need to be fast. An operator
// who has gone back to one may have made them again.
const dropFormerIndexes = `DROP INDEX IF EXISTS event_conversation; DROP INDEX IF EXISTS event_channel`

const (
	// maxRecent is how many rows of event may be without an entry before they get theirs,
	// which takes about 10 ms.
	maxRecent = 4096
	// restoredAtOnce is how many times as many get theirs in one transaction at the start.
	restoredAtOnce = 16
	// entriesAtOnce is how many entries one statement adds.
	entriesAtOnce = 32
	// block is how many cursors share an entry of a channel.
	block = 64
)

// eventEntry is a row of event_index.
type eventEntry struct{ key, cursor int64 }

// conversationKey is the key of a conversation's rows. That of another can be the same, so
// that channel and sender are compared too; but nobody can make one that is.
func conversationKey(c channels.Conversation) int64 { return eventKey(c.Channel + "\x00" + c.Sender) }

// channelKey is the key of a channel's blocks, which begin with the entry's cursor.
func channelKey(channel string) int64 { return eventKey(channel) }

func eventKey(of string) int64 {
	sum := sha256.Sum256([]byte(of))
	return int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // any 64 bits will do
}

// entriesOf returns the entries of rows of conversations.
func entriesOf(cursors map[channels.Conversation][]int64) []eventEntry {
	var entries []eventEntry
	for c, list := range cursors {
		key, channel := conversationKey(c), channelKey(c.Channel)
		for _, cursor := range list {
			entries = append(entries, eventEntry{key, cursor}, eventEntry{channel, cursor - cursor%block})
		}
	}
	slices.SortFunc(entries, func(a, b eventEntry) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.cursor, b.cursor))
	})
	return slices.Compact(entries)
}

// indexRecent gives the rows that have no entry theirs, when they are many. The writer calls
// it at the beginning of each transaction.
func (s *Store) indexRecent(t *tx) error {
	if !s.recent.full() {
		return nil
	}
	newest := s.recent.last()
	t.onCommit(func() { s.recent.dropTo(newest) })
	return t.addEntries(entriesOf(s.recent.all()), newest)
}

// restoreIndex gives the rows theirs that the last process has left without. It runs before
// the writer does.
func (s *Store) restoreIndex(ctx context.Context) error {
	for {
		cursors, last, err := s.writer.statements.readUnindexed(ctx, restoredAtOnce*s.recent.limit)
		if err != nil || len(cursors) == 0 {
			return err
		}
		add := operation{run: func(t *tx) error { return t.addEntries(entriesOf(cursors), last) }}
		if err := s.writer.transact([]*operation{&add}); err != nil {
			return err
		}
	}
}

// readUnindexed returns up to limit rows, by conversation, and the cursor of the last.
func (s *statements) readUnindexed(ctx context.Context, limit int) (cursors map[channels.Conversation][]int64, last int64, err error) {
	rows, err := s.unindexed.QueryContext(ctx, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close() //nolint:errcheck // Err has it
	cursors = map[channels.Conversation][]int64{}
	for rows.Next() {
		var c channels.Conversation
		if err := rows.Scan(&last, &c.Channel, &c.Sender); err != nil {
			return nil, 0, err
		}
		cursors[c] = append(cursors[c], last)
	}
	return cursors, last, rows.Err()
}

// addEntries adds entries, with which all rows up to a cursor have theirs.
func (t *tx) addEntries(entries []eventEntry, indexed int64) error {
	args := make([]any, 0, 2*entriesAtOnce)
	for chunk := range slices.Chunk(entries, entriesAtOnce) {
		args = args[:0]
		for _, e := range chunk {
			args = append(args, e.key, e.cursor)
		}
		if len(chunk) == entriesAtOnce {
			if err := t.exec(t.addEntryChunk, args...); err != nil {
				return err
			}
			continue
		}
		for ; len(args) > 0; args = args[2:] {
			if err := t.exec(t.addEntry, args[:2]...); err != nil {
				return err
			}
		}
	}
	return t.exec(t.setIndexed, indexed)
}

// sweepEntries deletes the entries of rows that are deleted, up to a cursor.
func (t *tx) sweepEntries(swept []channels.Event, last int64) error {
	upTo := map[int64]int64{}
	for i := range swept {
		upTo[conversationKey(swept[i].Conversation())] = last
		upTo[channelKey(swept[i].Channel)] = last - block + 1
	}
	for key, cursor := range upTo {
		if err := t.exec(t.sweepIndex, key, cursor); err != nil {
			return err
		}
	}
	return nil
}

// insertEntries adds so many entries. Those of blocks may be there.
func insertEntries(n int) string {
	return `INSERT OR IGNORE INTO event_index (key, cursor) VALUES ` + strings.Repeat(`, (?, ?)`, n)[len(", "):]
}

// eventsOf reads columns of the rows of a conversation for which a condition holds, ordered
// by cursor. Its parameters are the conversation's key, its channel and sender, the cursors of
// its recent events, and from the fifth on those of the condition, which begins with cursor.
func eventsOf(columns, condition, order string) string {
	const own = `e.channel = ?2 AND e.sender = ?3 AND `
	return `SELECT i.cursor, ` + columns + ` FROM event_index i CROSS JOIN event e ON e.cursor = i.cursor
			WHERE i.key = ?1 AND ` + own + `i.` + condition + `
		UNION ALL SELECT e.cursor, ` + columns + ` FROM event e
			WHERE e.cursor IN (SELECT value FROM json_each(?4)) AND e.cursor > (SELECT indexed FROM store) AND ` + own + `e.` + condition + `
		ORDER BY 1 ` + order
}

// indexedOfChannel reads columns of the rows of channel ?2, whose key is ?1, that have an entry
// and are above the cursor ?3. The plus signs have SQLite read no more than the block.
func indexedOfChannel(columns string) string {
	return fmt.Sprintf(`SELECT e.cursor, %[2]s FROM event_index i CROSS JOIN event e ON e.cursor BETWEEN i.cursor AND i.cursor + %[1]d - 1
		WHERE i.key = ?1 AND i.cursor > ?3 - %[1]d AND e.channel = ?2 AND +e.cursor > ?3 AND +e.cursor <= (SELECT indexed FROM store)
		ORDER BY i.cursor, e.cursor LIMIT ?4`, block, columns)
}

// recentOfChannel reads columns of the rows of channel ?1 that have no entry and are above the
// cursor ?2.
func recentOfChannel(columns string) string {
	return `SELECT e.cursor, ` + columns + ` FROM event e
		WHERE e.cursor > max(?2, (SELECT indexed FROM store)) AND e.channel = ?1 ORDER BY e.cursor LIMIT ?3`
}
