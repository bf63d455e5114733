package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// grown returns the part of ann's with the id when its text has grown so far.
func grown(id, text string) channels.Part {
	p := part("ann", id)
	p.Reply.Text = text
	return p
}

// receipt returns the receipt of what was opened as the platform's message id.
func receipt(id string) *channels.Receipt {
	return &channels.Receipt{ID: id, Time: time.Date(2026, 11, 28, 12, 0, 0, 123456000, time.UTC)}
}

// These are what a Delivery says of a part that grows, was opened or neither.
var (
	unopened = &journal.Live{Growing: true}
	never    *journal.Live
)

// opened is what a Delivery says of a part that grows and was opened, ended of one that was
// opened and grows no more.
func opened(id string) *journal.Live { return &journal.Live{Growing: true, Receipt: receipt(id)} }
func ended(id string) *journal.Live  { return &journal.Live{Receipt: receipt(id)} }

// liveClient runs turns whose parts grow, and sends these.
type liveClient struct {
	*store
	inbox  inboxClient
	outbox outboxClient
}

// turn begins a turn of ann's message "m".
func (c liveClient) turn() journal.Claim {
	c.Helper()
	c.inbox.enqueueNew("ann", "m")
	return c.inbox.next("m").Claim
}

// begin begins a live part of the turn.
func (c liveClient) begin(turn journal.Claim, p channels.Part) {
	c.Helper()
	c.inbox.settle(turn, journal.Step{Begin: &p})
}

// beginNew begins the live part "l" of ann's, whose text is its id, in a turn of its own.
func (c liveClient) beginNew() (turn journal.Claim) {
	c.Helper()
	turn = c.turn()
	c.begin(turn, part("ann", "l"))
	return turn
}

// complete completes a live part of ann's: the first part has the id and the text, and the
// further ones follow.
func (c liveClient) complete(turn journal.Claim, id, text string, further ...string) {
	c.Helper()
	c.inbox.settle(turn, completion(id, text, further...))
}

// completion is the step of complete.
func completion(id, text string, further ...string) journal.Step {
	parts := []channels.Part{grown(id, text)}
	for _, name := range further {
		parts = append(parts, part("ann", name))
	}
	return journal.Step{Complete: &journal.Completion{ID: id, Parts: parts}}
}

// keep commits how far a claimed live part has come.
func (c liveClient) keep(claim journal.Claim, p channels.Part, r *channels.Receipt, es ...channels.Event) {
	c.Helper()
	c.wantErr("KeepLive", c.KeepLive(c.Context(), claim, journal.LiveProgress{Part: p, Receipt: r, Events: es}), nil)
}

// next claims the next part, which must be as wanted.
func (c liveClient) next(want channels.Part, live *journal.Live) journal.Delivery {
	c.Helper()
	d := c.outbox.next(want.ID)
	c.equal("part", d.Part, want)
	c.equal("live", d.Live, live)
	return d
}

// nextAfterRetry puts a claimed part back, due at once, and claims it again, as next does.
func (c liveClient) nextAfterRetry(claim journal.Claim, want channels.Part, live *journal.Live) journal.Delivery {
	c.Helper()
	c.outbox.settle(claim, journal.PartOutcome{})
	return c.next(want, live)
}

// send claims the next part, which must be as wanted, and settles it as sent.
func (c liveClient) send(want channels.Part, live *journal.Live) {
	c.Helper()
	c.sent(c.next(want, live).Claim)
}

// sent settles a claimed part as sent.
func (c liveClient) sent(claim journal.Claim) {
	c.Helper()
	c.outbox.settle(claim, journal.PartOutcome{Sent: true})
}

// takeSlot claims a part of bob's, which takes a slot.
func (c liveClient) takeSlot() journal.Claim {
	c.Helper()
	c.outbox.storeParts("bob", "busy")
	return c.outbox.next("busy").Claim
}

// fill leaves the channel the one slot that takeSlot has taken.
func (c liveClient) fill() { c.OpenOutbox(map[string]int{"web": 1}) }

// wantSlot checks that the next part is as wanted and needs a slot: that which takeSlot has
// taken. It settles both as sent.
func (c liveClient) wantSlot(busy journal.Claim, want channels.Part, live *journal.Live) {
	c.Helper()
	c.fill()
	c.outbox.wantNone()
	c.sent(busy)
	c.send(want, live)
}
