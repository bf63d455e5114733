package journal

import (
	"math"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Row is what the lines know of a stored row.
type Row[T any] struct {
	Conversation channels.Conversation
	// Number is the row's number, as in Claim.
	Number int64
	// Position orders the rows of a line: the number that the row had when it was
	// stored first. A row that was replayed has a new number and its old position.
	Position int64
	// Due is when the row may be claimed; zero is at once.
	Due time.Time
	// Value is the store's own.
	Value T
}

// Place is a place in a line: that of a row, or of a caller of Join.
type Place[T any] struct {
	row   Row[T]
	token int64
	// pending says that the row is being stored.
	pending bool
	// taker waits for a pending row that is first already.
	taker *taker[T]
	// turn is a caller's, closed when the caller is first; nil for a row.
	turn chan struct{}
}

// Taken reports whether a caller of Take gets the row as soon as it is confirmed, so
// that its claim can be stored together with the row.
func (p *Place[T]) Taken() bool { return p.taker != nil }

// isStored reports whether the place is that of a row that is stored.
func (p *Place[T]) isStored() bool { return p.turn == nil && !p.pending }

// line is the line of one conversation.
type line[T any] struct {
	conversation channels.Conversation
	// busy is who is first and at work, no longer among those that wait.
	busy    *Place[T]
	waiting []*Place[T]
	// callers is how many of those that wait came by Join.
	callers int
	// queued says that the line is among those that are ready.
	queued bool
	// woken says that the row at work is due again at once when it is put back.
	woken bool
	// index is the line's place in the heap of those due later, -1 when absent.
	index int
}

func (ln *line[T]) head() *Place[T] {
	if len(ln.waiting) == 0 {
		return nil
	}
	return ln.waiting[0]
}

func (ln *line[T]) idle() bool { return ln.busy == nil && len(ln.waiting) == 0 }

func (ln *line[T]) push(p *Place[T]) {
	ln.waiting = append(ln.waiting, p)
	if p.turn != nil {
		ln.callers++
	}
}

// putBack places a row that was first before: in the order of positions, and before
// all callers.
func (ln *line[T]) putBack(p *Place[T]) {
	at := slices.IndexFunc(ln.waiting, func(o *Place[T]) bool {
		return o.turn != nil || o.position() > p.row.Position
	})
	if at < 0 {
		at = len(ln.waiting)
	}
	ln.waiting = slices.Insert(ln.waiting, at, p)
}

// position puts a row that has no number yet behind all others.
func (p *Place[T]) position() int64 {
	if p.pending {
		return math.MaxInt64
	}
	return p.row.Position
}

// begin lets the head work.
func (ln *line[T]) begin() *Place[T] {
	ln.busy, ln.woken = ln.waiting[0], false
	ln.remove(ln.busy)
	return ln.busy
}

// remove takes p out and reports whether it waited.
func (ln *line[T]) remove(p *Place[T]) bool {
	at := slices.Index(ln.waiting, p)
	if at < 0 {
		return false
	}
	if p.turn != nil {
		ln.callers--
	}
	if at == 0 {
		ln.waiting[0] = nil // the array lives on
		ln.waiting = ln.waiting[1:]
	} else {
		ln.waiting = slices.Delete(ln.waiting, at, at+1)
	}
	return true
}
