package sqlite

import (
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// maxAddresses is how many conversations each of the two halves of the cache has.
	maxAddresses = 4_096
	// maxCachedAddress is how many bytes a conversation's names and address may take there.
	maxCachedAddress = 1_024
	// seenFor is how long the row of a conversation is not written again when its address is
	// the same. The cache and the statement count it apart, so that the column seen is late
	// by twice as much at most.
	seenFor = 12 * time.Hour
)

// addressCache remembers what the rows of the conversations that were written last say, so
// that a turn seldom looks at its conversation's row. Only the writer's goroutine uses it.
type addressCache struct {
	// recent is filled; older was filled before.
	recent, older map[channels.Conversation]addressRow
}

// addressRow is what a conversation's row says.
type addressRow struct {
	address string
	// seen is in microseconds since 1970.
	seen int64
}

// holds reports whether the conversation's row has the address, and was seen lately before
// at.
func (a *addressCache) holds(c channels.Conversation, address string, at int64) bool {
	row, ok := a.recent[c]
	if !ok {
		if row, ok = a.older[c]; ok {
			a.keep(c, row)
		}
	}
	return ok && row.address == address && row.seen >= at-seenFor.Microseconds()
}

// put remembers what is written to the conversation's row. The strings may be parts of
// larger ones.
func (a *addressCache) put(c channels.Conversation, address string, at int64) {
	if len(c.Channel)+len(c.Sender)+len(address) > maxCachedAddress {
		a.drop(c)
		return
	}
	c.Channel, c.Sender = strings.Clone(c.Channel), strings.Clone(c.Sender)
	a.keep(c, addressRow{strings.Clone(address), at})
}

// keep adds a row to the recent ones; when there are too many they become the older ones.
func (a *addressCache) keep(c channels.Conversation, row addressRow) {
	if len(a.recent) >= maxAddresses {
		a.older, a.recent = a.recent, nil
	}
	if a.recent == nil {
		a.recent = map[channels.Conversation]addressRow{}
	}
	a.recent[c] = row
}

// drop forgets a conversation, whose row is deleted.
func (a *addressCache) drop(c channels.Conversation) {
	delete(a.recent, c)
	delete(a.older, c)
}

// clear forgets all, after a transaction that was rolled back.
func (a *addressCache) clear() { a.recent, a.older = nil, nil }
