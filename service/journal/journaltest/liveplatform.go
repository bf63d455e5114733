package journaltest

import (
	"sync"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// LiveReport counts what went wrong in a load of live parts.
type LiveReport struct {
	// Lost parts were never complete on the platform.
	Lost int
	// Disorder counts parts that appeared there before an earlier one of their conversation.
	Disorder int
	// Foreign counts deliveries of a growing part to another process than that of its turn.
	Foreign int
	// Doubled counts parts that appeared there again.
	Doubled int
	// Cut counts parts that ended with another text than the whole.
	Cut int
}

// livePlatform is where a load of live parts is sent. It knows what every process does, and
// counts what goes wrong.
type livePlatform struct {
	// complete is closed when every part is complete.
	complete chan struct{}

	mu sync.Mutex
	// owner is the process whose turn grows a part, by the part's id.
	owner map[string]int
	// shown are the parts that have appeared, ended those of them that are complete.
	shown, ended map[string]bool
	// next is the place of the part that has to appear next in a conversation.
	next   map[channels.Conversation]int
	left   int
	report LiveReport
}

// newLivePlatform returns a platform for a load of the size, in which each message is answered
// by two parts.
func newLivePlatform(s Size) *livePlatform {
	return &livePlatform{
		complete: make(chan struct{}), left: 2 * s.Conversations * s.Messages,
		owner: map[string]int{}, shown: map[string]bool{}, ended: map[string]bool{},
		next: map[channels.Conversation]int{},
	}
}

// begin says that a turn of the process is about to begin the part.
func (p *livePlatform) begin(process int, part channels.Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.owner[part.ID] = process
}

// grow opens a part that grows, unless it was opened, or appends to it. It returns the receipt.
func (p *livePlatform) grow(process int, d *journal.Delivery, place int) *channels.Receipt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.owner[d.Part.ID] != process {
		p.report.Foreign++
	}
	if d.Live.Receipt == nil {
		p.show(d, place)
	}
	return receipt(d.Part.ID)
}

// end sends a part that grows no more, or closes it when it was opened.
func (p *livePlatform) end(d *journal.Delivery, place int, whole string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.Live == nil || d.Live.Receipt == nil {
		p.show(d, place)
	}
	switch {
	case p.ended[d.Part.ID]:
		p.report.Doubled++
		return
	case d.Part.Reply.Text != whole:
		p.report.Cut++
	}
	p.ended[d.Part.ID] = true
	if p.left--; p.left == 0 {
		close(p.complete)
	}
}

// show has a part appear.
func (p *livePlatform) show(d *journal.Delivery, place int) {
	if p.shown[d.Part.ID] {
		p.report.Doubled++
		return
	}
	c := d.Part.Conversation()
	if place != p.next[c] {
		p.report.Disorder++
	}
	p.shown[d.Part.ID], p.next[c] = true, place+1
}

// result returns the report; parts that are not complete count as lost.
func (p *livePlatform) result() LiveReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.report
	r.Lost = p.left
	return r
}
