package journal

import (
	"container/list"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Lines are the lines of one table, in memory, for a store that one process has to
// itself: who is first in each conversation, which claims are in force, which rows
// are due. They grow with what waits and is claimed, not with the conversations seen.
// The store keeps the rows and tells the lines of a change once it is durable.
type Lines[T any] struct {
	mu      sync.Mutex
	lines   map[channels.Conversation]*line[T]
	claimed map[int64]*line[T] // by the row's number
	// stored is how many rows each channel has, claimed ones included.
	stored map[string]int
	token  int64
	// open holds the channels whose rows may be taken; nil means all.
	open map[string]bool

	// ready are the lines whose head may be taken. While there is one, no taker waits.
	ready  []*line[T]
	takers *list.List
	later  later[T]
	alarm  *time.Timer
	// closed is closed by Close.
	closed chan struct{}
}

// NewLines returns lines without rows. The tokens of their claims are above token.
func NewLines[T any](token int64) *Lines[T] {
	return &Lines[T]{
		lines: map[channels.Conversation]*line[T]{}, claimed: map[int64]*line[T]{},
		stored: map[string]int{}, token: token, takers: list.New(), closed: make(chan struct{}),
	}
}

// Stage takes a place at the end of the conversation's line for a row that is about
// to be stored. Confirm or Withdraw must follow.
func (l *Lines[T]) Stage(c channels.Conversation) *Place[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.line(c)
	first := ln.idle()
	p := &Place[T]{row: Row[T]{Conversation: c}, pending: true}
	ln.push(p)
	if first && l.opens(ln) {
		p.taker = l.nextTaker()
	}
	if p.Taken() {
		ln.begin()
	}
	return p
}

// Confirm says that the row of a staged place was stored.
func (l *Lines[T]) Confirm(p *Place[T], r Row[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.row, p.pending = r, false
	l.count(r.Conversation, 1)
	ln := l.lines[r.Conversation]
	if t := p.taker; t != nil {
		p.taker = nil
		held := l.claim(ln)
		held.Fresh = true
		t.got <- offer[T]{held: held}
		return
	}
	l.advance(ln)
}

// Withdraw gives up a staged place whose row was not stored.
func (l *Lines[T]) Withdraw(p *Place[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.lines[p.row.Conversation]
	if t := p.taker; t != nil {
		ln.busy = nil
		t.got <- offer[T]{again: true}
	} else {
		ln.remove(p)
	}
	l.advance(ln)
}

// Add puts a stored row at the end of its line.
func (l *Lines[T]) Add(r Row[T]) { l.Confirm(l.Stage(r.Conversation), r) }

// PutBack puts a row that was first in its line once, and was replayed, before all
// that wait there; among rows that were put back the positions decide.
func (l *Lines[T]) PutBack(r Row[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(r.Conversation, 1)
	ln := l.line(r.Conversation)
	l.later.remove(ln)
	ln.putBack(&Place[T]{row: r})
	l.advance(ln)
}

// Holds reports whether the claim is the current one of its row.
func (l *Lines[T]) Holds(c Claim) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holder(c) != nil
}

// Done ends a claim whose row is gone: the next of its line begins.
func (l *Lines[T]) Done(c Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ln := l.release(c); ln != nil {
		l.count(ln.conversation, -1)
		l.advance(ln)
	}
}

// Retry ends a claim whose row stays first in its line until it is due again.
func (l *Lines[T]) Retry(c Claim, due time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.holder(c)
	if ln == nil {
		return
	}
	p := ln.busy
	l.release(c)
	p.row.Due = due
	if ln.woken {
		p.row.Due = time.Time{}
	}
	ln.putBack(p)
	l.advance(ln)
}

// Wake makes the first row of the conversation due, if there is one. If it is claimed, it
// is due as soon as Retry puts it back: who is woken may have come back while an attempt
// was failing for want of them.
func (l *Lines[T]) Wake(c channels.Conversation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.lines[c]
	switch {
	case ln == nil:
	case ln.busy != nil:
		ln.woken = true
	case ln.head() != nil:
		l.later.remove(ln)
		ln.head().row.Due = time.Time{}
		l.advance(ln)
	}
}

// Drop takes the conversation's stored rows out, and claims of them are lost. Callers,
// and rows that are being stored, stay. It returns how many rows it took out.
func (l *Lines[T]) Drop(c channels.Conversation) (dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.lines[c]
	if ln == nil {
		return 0
	}
	l.later.remove(ln)
	if p := ln.busy; p != nil && p.isStored() {
		ln.busy = nil
		delete(l.claimed, p.row.Number)
		dropped++
	}
	waiting := len(ln.waiting)
	ln.waiting = slices.DeleteFunc(ln.waiting, (*Place[T]).isStored)
	dropped += waiting - len(ln.waiting)
	l.count(c, -dropped)
	l.unqueue(ln)
	l.advance(ln)
	return dropped
}

// unqueue takes a line out of those that are ready.
func (l *Lines[T]) unqueue(ln *line[T]) {
	if ln.queued {
		ln.queued = false
		l.ready = slices.DeleteFunc(l.ready, func(o *line[T]) bool { return o == ln })
	}
}

// Open names the channels whose rows may be taken. Before the first call all are open.
func (l *Lines[T]) Open(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = map[string]bool{}
	for _, name := range names {
		l.open[name] = true
	}
	ready := l.ready
	l.ready = nil
	for _, ln := range ready {
		ln.queued = false
	}
	for _, ln := range ready {
		l.advance(ln)
	}
	for _, ln := range l.lines {
		l.advance(ln)
	}
}

// Len returns how many rows are stored, claimed ones included.
func (l *Lines[T]) Len() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stored := range l.stored {
		n += stored
	}
	return n
}

// Stored returns how many rows each channel has that has any, claimed ones included.
func (l *Lines[T]) Stored() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.stored)
}

// count adds to the rows of the conversation's channel.
func (l *Lines[T]) count(c channels.Conversation, n int) {
	if l.stored[c.Channel] += n; l.stored[c.Channel] == 0 {
		delete(l.stored, c.Channel)
	}
}

// Close ends every call that waits with ErrClosed. It may be called again.
func (l *Lines[T]) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed() {
		return
	}
	close(l.closed)
	if l.alarm != nil {
		l.alarm.Stop()
	}
}

func (l *Lines[T]) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// refuse returns why a call may not wait.
func (l *Lines[T]) refuse(end error) error {
	if l.isClosed() {
		return ErrClosed
	}
	return end
}

func (l *Lines[T]) opens(ln *line[T]) bool {
	return l.open == nil || l.open[ln.conversation.Channel]
}

// line returns the conversation's line, a new one when nobody is in it.
func (l *Lines[T]) line(c channels.Conversation) *line[T] {
	ln := l.lines[c]
	if ln == nil {
		ln = &line[T]{conversation: c, index: -1}
		l.lines[c] = ln
	}
	return ln
}

// holder returns the line in which the claim is in force, nil when it was lost.
func (l *Lines[T]) holder(c Claim) *line[T] {
	if ln := l.claimed[c.Row]; ln != nil && ln.busy.token == c.Token {
		return ln
	}
	return nil
}

func (l *Lines[T]) release(c Claim) *line[T] {
	ln := l.holder(c)
	if ln != nil {
		ln.busy = nil
		delete(l.claimed, c.Row)
	}
	return ln
}

// claim gives the row that is busy a new token.
func (l *Lines[T]) claim(ln *line[T]) Held[T] {
	l.token++
	ln.busy.token = l.token
	number := ln.busy.row.Number
	l.claimed[number] = ln
	return Held[T]{Claim: Claim{Row: number, Token: l.token}, Value: ln.busy.row.Value}
}

// advance does what follows once the first of a line has changed.
func (l *Lines[T]) advance(ln *line[T]) {
	l.later.remove(ln)
	head := ln.head()
	switch {
	case ln.busy != nil || ln.queued:
	case head == nil:
		delete(l.lines, ln.conversation)
	case head.turn != nil:
		close(ln.begin().turn)
	case head.pending || !l.opens(ln): // Confirm, Withdraw or Open call again
	case time.Until(head.row.Due) > 0:
		l.later.add(ln)
		l.setAlarm()
	default:
		l.offer(ln)
	}
}

// offer hands the head of a line to the taker that has waited longest.
func (l *Lines[T]) offer(ln *line[T]) {
	t := l.nextTaker()
	if t == nil {
		ln.queued = true
		l.ready = append(l.ready, ln)
		return
	}
	ln.begin()
	t.got <- offer[T]{held: l.claim(ln)}
}

// setAlarm wakes the line that is due first, when it is.
func (l *Lines[T]) setAlarm() {
	ln := l.later.soonest()
	switch {
	case ln == nil || l.isClosed():
	case l.alarm == nil:
		l.alarm = time.AfterFunc(time.Until(ln.head().row.Due), l.ring)
	default:
		l.alarm.Reset(time.Until(ln.head().row.Due))
	}
}

func (l *Lines[T]) ring() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ln := l.later.soonest(); ln != nil && time.Until(ln.head().row.Due) <= 0; ln = l.later.soonest() {
		l.advance(ln)
	}
	l.setAlarm()
}
