package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// pushTo returns a push of one part to a sender.
func pushTo(sender, id string) journal.Push {
	p := pushOf(id)
	p.Key.Sender, p.Parts = sender, []channels.Part{part(sender, id)}
	return p
}

var keepTests = map[string]func(*harness){
	// KeepLive commits the text so far, the receipt and the events, in one transaction. The
	// claim stays, and the attempts are those that were.
	"keep: text, receipt and events are committed, the claim stays": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		h.outbox.settle(h.outbox.next("l").Claim, journal.PartOutcome{Counts: true})
		claim := h.live.next(part("ann", "l"), unopened).Claim
		message := h.events.all()
		before, _ := h.commits.reported()
		h.live.keep(claim, grown("l", "so"), receipt("r"), partEvent(channels.EventSent, "1"), partEvent(channels.EventSent, "2"))
		after, _ := h.commits.reported()
		h.equal("transactions reported as committed", after-before, 1)
		h.live.keep(claim, grown("l", "so far"), receipt("r"))
		h.events.want(append(message, partEvent(channels.EventSent, "1"), partEvent(channels.EventSent, "2"))...)
		h.outbox.wantNone()
		d := h.live.nextAfterRetry(claim, grown("l", "so far"), opened("r"))
		h.equal("attempts", d.Attempts, 1)
	},
	// Before the part was opened there is no receipt.
	"keep: without a receipt": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "so far"), nil)
		h.live.nextAfterRetry(claim, grown("l", "so far"), unopened)
	},
	// A part with another id takes the place of the one before: its attempts start at 0, and
	// it has the receipt that it came with.
	"keep: a roll-over takes the place": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.outbox.pushParts("1", "behind")
		h.outbox.settle(h.outbox.next("l").Claim, journal.PartOutcome{Counts: true})
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "first"), receipt("r"))
		h.live.keep(claim, grown("k", "second"), nil, partEvent(channels.EventSent, "l"))
		d := h.live.nextAfterRetry(claim, grown("k", "second"), unopened)
		h.equal("attempts", d.Attempts, 0)
		h.live.keep(d.Claim, grown("k", "second and"), receipt("s"))
		h.live.complete(turn, "l", "not this", "nor that")
		d = h.live.nextAfterRetry(d.Claim, grown("k", "second and"), opened("s"))
		h.live.complete(turn, "k", "second and last", "k2")
		d = h.live.nextAfterRetry(d.Claim, grown("k", "second and last"), ended("s"))
		h.live.sent(d.Claim)
		h.outbox.sendInOrder("behind", "k2")
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// When the part was completed meanwhile its text stays; the receipt and the events are
	// committed.
	"keep: after Complete the completed text stays": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.complete(turn, "l", "whole")
		message := h.events.all()
		h.live.keep(claim, grown("l", "so far"), receipt("r"), partEvent(channels.EventSent, "1"))
		h.events.want(append(message, partEvent(channels.EventSent, "1"))...)
		h.live.nextAfterRetry(claim, grown("l", "whole"), ended("r"))
	},
	// A roll-over that comes after the part was completed leaves it as it is, with its
	// receipt; the events are committed.
	"keep: a roll-over after Complete leaves the completed part": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.outbox.settle(h.outbox.next("l").Claim, journal.PartOutcome{Counts: true})
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "so far"), receipt("r"))
		h.live.complete(turn, "l", "whole")
		message := h.events.all()
		h.live.keep(claim, grown("k", "rest"), nil, partEvent(channels.EventSent, "1"))
		h.events.want(append(message, partEvent(channels.EventSent, "1"))...)
		d := h.live.nextAfterRetry(claim, grown("l", "whole"), ended("r"))
		h.equal("attempts", d.Attempts, 1)
	},
	// When the turn has ended and did not complete the part, KeepLive goes on committing how
	// far it has come, roll-overs included.
	"keep: after a turn that completed nothing the text is committed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.inbox.end(turn, journal.OutcomeInterrupted)
		h.live.keep(claim, grown("l", "so far"), receipt("r"))
		claim = h.live.nextAfterRetry(claim, grown("l", "so far"), ended("r")).Claim
		h.live.keep(claim, grown("k", "rest"), nil)
		h.live.sent(h.live.nextAfterRetry(claim, grown("k", "rest"), never).Claim)
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// A claim that ended can keep nothing, and appends no event.
	"keep: a claim that ended is fenced": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		wantFenced := func(claim journal.Claim) {
			message := h.events.all()
			err := h.KeepLive(h.Context(), claim, journal.LiveProgress{
				Part: grown("l", "fenced"), Receipt: receipt("fenced"), Events: []channels.Event{partEvent(channels.EventSent, "l")},
			})
			h.wantErr("KeepLive", err, journal.ErrFenced)
			h.events.want(message...)
		}
		old := h.live.next(part("ann", "l"), unopened).Claim
		h.outbox.settle(old, journal.PartOutcome{})
		wantFenced(old)
		claim := h.live.next(part("ann", "l"), unopened).Claim
		wantFenced(old)
		h.outbox.postpone(claim)
		wantFenced(claim)
		h.outbox.wake(ann)
		claim = h.live.next(part("ann", "l"), unopened).Claim
		h.live.sent(claim)
		wantFenced(claim)
	},
	// When the context has ended, KeepLive returns its error and changes nothing.
	"keep: an ended context changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		err := h.KeepLive(ctx, claim, journal.LiveProgress{Part: grown("l", "so far")})
		h.wantErr("KeepLive", err, context.Canceled)
		h.live.nextAfterRetry(claim, part("ann", "l"), unopened)
	},
	// The age of a part is that of the row in which it grows, roll-overs included.
	"keep: it leaves when the part was stored": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		stored := time.Now()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		time.Sleep(time.Minute)
		h.live.keep(claim, grown("k", "second"), nil)
		d := h.live.nextAfterRetry(claim, grown("k", "second"), unopened)
		h.equal("stored", d.Stored.Equal(stored), true)
	},
}
