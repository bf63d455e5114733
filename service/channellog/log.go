package channellog

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// MaxEntries is how many entries a log keeps.
	MaxEntries = 200
	// maxSize bounds their texts, in bytes.
	maxSize = 1 << 20
)

// Log keeps the last exchanges of a channel. It outlives a reload: the channel of the same
// name and type goes on with it. Its methods may be called concurrently.
//
// It keeps what is ordinary apart from the rest, each in half of the places at least where it
// needs them: a busy channel does not lose its rare failures, and a flood of wrong requests
// does not push out what is right.
type Log struct {
	mu       sync.Mutex
	ordinary []*Entry // the oldest first, as others
	others   []*Entry
	size     int
	// id and cursor are the last that were given.
	id, cursor int64
	counts     [2][channels.Verdicts]Count
	// changed is nil while nobody waits.
	changed chan struct{}
}

// Count counts the exchanges of one direction and verdict.
type Count struct {
	Direction channels.Direction
	Verdict   channels.Verdict
	Count     int64
	Last      Entry
}

// New returns an empty log. Its numbers are above those of an earlier run of the program.
func New() *Log {
	start := time.Now().UnixMicro()
	return &Log{id: start, cursor: start}
}

// add adds an exchange that has been judged and cut.
func (l *Log) add(e *channels.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursor++
	n := l.fold(e)
	if n == nil {
		n = l.insert(e)
	}
	n.Cursor = l.cursor
	l.size += n.size()
	for l.size > maxSize {
		l.evict()
	}
	c := &l.counts[e.Direction][e.Verdict]
	c.Direction, c.Verdict, c.Last = e.Direction, e.Verdict, *n
	c.Count++
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// kept returns the list that an exchange belongs to.
func (l *Log) kept(e *channels.Exchange) *[]*Entry {
	if isOrdinary(e) {
		return &l.ordinary
	}
	return &l.others
}

// fold counts the exchange in an entry that takes it, which moves to the end, and returns
// nil when there is none. The caller counts the entry's size anew.
func (l *Log) fold(e *channels.Exchange) *Entry {
	if isMessage(e) {
		return nil
	}
	list := *l.kept(e)
	for i := len(list) - 1; i >= 0; i-- {
		if n := list[i]; n.takes(e) {
			copy(list[i:], list[i+1:])
			list[len(list)-1] = n
			l.size -= n.size()
			n.again(e)
			return n
		}
	}
	return nil
}

// insert adds an entry, whose size the caller counts. In a full log it takes the place of
// another.
func (l *Log) insert(e *channels.Exchange) *Entry {
	var n *Entry
	if len(l.ordinary)+len(l.others) >= MaxEntries {
		n = l.evict()
	} else {
		n = &Entry{}
	}
	l.id++
	*n = Entry{Exchange: *e, ID: l.id, First: e.Began, Count: 1}
	list := l.kept(e)
	*list = append(*list, n)
	return n
}

// evict removes the oldest entry of the kind that has more places, and returns it.
func (l *Log) evict() *Entry {
	list := &l.ordinary
	if len(l.others) > len(l.ordinary) {
		list = &l.others
	}
	n := (*list)[0]
	(*list)[0] = nil
	*list = (*list)[1:] // append makes a new array now and then
	l.size -= n.size()
	return n
}

// Since returns a copy of the entries whose place is behind a cursor, in the order of their
// places, and the number of the last entry that was ever added.
func (l *Log) Since(cursor int64) (entries []Entry, last int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cursor > l.cursor { // of a run whose clock was ahead
		cursor = 0
	}
	for _, list := range [][]*Entry{l.ordinary, l.others} {
		for _, n := range list {
			if n.Cursor > cursor {
				entries = append(entries, *n)
			}
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Cursor, b.Cursor) })
	return entries, l.id
}

// Changed returns a channel that is closed by the next exchange. It is asked for before the
// log is looked at.
func (l *Log) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// Counts returns what happened since the log began, by direction and verdict.
func (l *Log) Counts() (list []Count) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, direction := range l.counts {
		for _, c := range direction {
			if c.Count > 0 {
				list = append(list, c)
			}
		}
	}
	return list
}
