package delivery

import (
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// maxGrowth is how many bytes of one message are kept while it grows. What comes after
// them is shown when the text is complete.
const maxGrowth = 256 << 10

// growth is a text that grows. Its turn writes it, its live part reads it, once that is the
// first of its conversation's outbox. After a roll-over it is the text of the next message.
type growth struct {
	first string // the id with which it began
	// grown has an element when something has changed that the live part has not seen.
	grown chan struct{}

	mu   sync.Mutex
	part channels.Part // without its text
	text strings.Builder
	full bool // nothing is added any more
	// closed is how many bytes of the turn's text are in earlier messages that are closed.
	closed int
	// cut is where the text is cut by a roll-over that is under way, 0 while none is.
	cut int
	// rolling is closed once a roll-over is committed; nil while none is being committed.
	rolling chan struct{}
	// finished says that no roll-over may begin any more: the turn completes the part.
	finished bool
	// over says that the turn is done with the part. It has completed it, or ended without:
	// then completed is nil.
	over      bool
	completed *channels.Part
	// attached says that a live part reads it.
	attached bool
	// message is what the last live part knew of its message, when its claim ended before the
	// text was complete.
	message message
}

func newGrowth(p channels.Part) *growth {
	g := &growth{first: p.ID, grown: make(chan struct{}, 1), part: p}
	g.text.WriteString(p.Reply.Text)
	return g
}

// snapshot is a growth at one time.
type snapshot struct {
	part      channels.Part // with the text so far
	finished  bool
	over      bool
	completed *channels.Part
}

func (g *growth) snapshot() snapshot {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := snapshot{part: g.part, finished: g.finished, over: g.over, completed: g.completed}
	s.part.Reply.Text = g.text.String()
	return s
}

// add adds a piece.
func (g *growth) add(piece string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.full = g.full || g.text.Len()+len(piece) > maxGrowth; g.full || g.over {
		return
	}
	g.text.WriteString(piece)
	g.wake()
}

// wake tells the live part that something has changed.
func (g *growth) wake() {
	select {
	case g.grown <- struct{}{}:
	default:
	}
}

// finish lets no roll-over begin any more, and waits while one is being committed.
func (g *growth) finish() (present string, closed, next int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.finished = true
	for g.rolling != nil {
		rolling := g.rolling
		g.mu.Unlock()
		<-rolling
		g.mu.Lock()
	}
	return g.part.ID, g.closed, g.closed + g.cut
}

// end says that the turn is done with the part, which p completes unless it is nil. It
// reports whether nobody reads the growth.
func (g *growth) end(p *channels.Part) (unread bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		g.over, g.finished, g.completed = true, true, p
		g.wake()
	}
	return !g.attached
}

// attach gives the growth to a live part, until detach.
func (g *growth) attach() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attached = true
	g.wake() // whatever came before
}

// detach reports whether the growth is over, so that nobody will read it again.
func (g *growth) detach() (over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attached = false
	return g.over
}

// remember keeps what a live part knows of its message for the next, which may come as soon as
// the claim ends.
func (g *growth) remember(m message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.message = m
}

// known returns what is known of the message that was opened with that receipt. All of the text
// may be shown of one that nobody here has opened: then no piece of that is repeated.
func (g *growth) known(r *channels.Receipt) message {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch m := g.message; {
	case r == nil:
		return message{}
	case m.receipt != nil && m.receipt.ID == r.ID:
		return m
	}
	return message{receipt: r, opened: time.Now(), shown: g.text.String(), unsure: true}
}

// beginCut reports whether a roll-over may begin that cuts the text there. EndCut follows.
func (g *growth) beginCut(at int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.finished {
		return false
	}
	g.cut = at
	return true
}

// endCut ends a roll-over whose close has returned. When the message was closed and the
// turn goes on, it reports true: the roll-over is committed then, and rolled follows.
func (g *growth) endCut(closed bool) (commit bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !closed || g.finished {
		// A turn that has asked meanwhile makes two parts of the text at the cut.
		g.cut = 0
		return false
	}
	g.rolling = make(chan struct{})
	return true
}

// behindCut returns the part with the text behind the cut.
func (g *growth) behindCut() channels.Part {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.part
	p.Reply.Text = g.text.String()[g.cut:]
	return p
}

// rolled makes what is behind the cut the text of the next message, if the roll-over was
// committed.
func (g *growth) rolled(next string, committed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if committed {
		rest := g.text.String()[g.cut:]
		g.closed += g.cut
		g.part.ID = next
		g.text.Reset()
		g.text.WriteString(rest)
	}
	g.cut = 0
	close(g.rolling)
	g.rolling = nil
	g.wake()
}
