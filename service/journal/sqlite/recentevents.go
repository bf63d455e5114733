package sqlite

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// recentEvents are the rows of event without an entry in event_index, by conversation.
//
// The writer adds rows before it commits them, so that who reads the list first, and the file
// then, misses none that were committed before. Rows that are in the list and not, or not yet,
// in the file lead to nothing.
type recentEvents struct {
	// limit is how many rows may be without an entry before they get theirs.
	limit int

	mu sync.RWMutex
	// newest is the cursor of the newest event that was committed.
	newest  int64
	cursors map[channels.Conversation][]int64
	count   int
}

// last returns the cursor of the newest event that was committed.
func (r *recentEvents) last() int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.newest
}

// full reports whether the rows should get their entries.
func (r *recentEvents) full() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.count >= r.limit
}

// all returns what there is. Only the writer may use it, until it adds to it.
func (r *recentEvents) all() map[channels.Conversation][]int64 { return r.cursors }

// add takes the rows of events that are about to be stored, the first above a cursor.
func (r *recentEvents) add(events []journal.EventRow, above int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range events {
		above += int64(events[i].Further) + 1
		c := events[i].Conversation()
		r.cursors[c] = append(r.cursors[c], above)
	}
	r.count += len(events)
}

// commit says that all events up to a cursor are committed.
func (r *recentEvents) commit(newest int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.newest = newest
}

// rollback drops the rows that were not committed.
func (r *recentEvents) rollback() {
	r.keep(func(list []int64) []int64 { return list[:above(list, r.newest)] })
}

// dropTo drops the rows up to a cursor, which have their entries or are deleted.
func (r *recentEvents) dropTo(cursor int64) {
	r.keep(func(list []int64) []int64 { return list[above(list, cursor):] })
}

// keep keeps a part of each list.
func (r *recentEvents) keep(part func(list []int64) []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count = 0
	maps.DeleteFunc(r.cursors, func(c channels.Conversation, list []int64) bool {
		list = part(list)
		r.cursors[c] = list
		r.count += len(list)
		return len(list) == 0
	})
}

// forget drops the rows of a conversation up to a cursor.
func (r *recentEvents) forget(c channels.Conversation, cursor int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := above(r.cursors[c], cursor)
	if r.count -= n; n == len(r.cursors[c]) {
		delete(r.cursors, c)
		return
	}
	r.cursors[c] = r.cursors[c][n:]
}

// of returns the rows of a conversation above a cursor, as a list in JSON, and the newest
// event up to which none is missing.
func (r *recentEvents) of(c channels.Conversation, cursor int64) (list string, newest int64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := r.cursors[c]
	text := []byte{'['}
	for i, number := range all[above(all, cursor):] {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, number, 10)
	}
	return string(append(text, ']')), r.newest
}

// above returns how many cursors of a list are not above a cursor.
func above(list []int64, cursor int64) int {
	n, _ := slices.BinarySearch(list, cursor+1)
	return n
}
