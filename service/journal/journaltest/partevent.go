package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// partEvent returns an event about a part of ann's.
func partEvent(kind channels.EventKind, id string) channels.Event {
	e := newEvent(kind, "ann", "1")
	e.Part, e.Receipt, e.Reason = id, "receipt of "+id, "reason of "+id
	return e
}

var partEventTests = map[string]func(*harness){
	// SettlePart appends the events of the outcome, in order, whatever the outcome is.
	"part events: every outcome appends its own, in order": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b", "c")
		retry, sent := partEvent(channels.EventUndelivered, "a"), partEvent(channels.EventSent, "a")
		dead, expired := partEvent(channels.EventUndelivered, "b"), partEvent(channels.EventExpired, "c")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Counts: true, Events: []channels.Event{retry}})
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Sent: true, Events: []channels.Event{sent, retry}})
		h.outbox.settle(h.outbox.next("b").Claim, journal.PartOutcome{Dead: true, Events: []channels.Event{dead}})
		h.outbox.settle(h.outbox.next("c").Claim, journal.PartOutcome{Expired: true, Events: []channels.Event{expired}})
		h.events.want(retry, sent, retry, dead, expired)
	},
	// SettlePart that fails with ErrFenced appends no event.
	"part events: a fenced claim appends none": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		claim := h.outbox.next("a").Claim
		h.outbox.settle(claim, journal.PartOutcome{Sent: true})
		o := journal.PartOutcome{Sent: true, Events: []channels.Event{partEvent(channels.EventSent, "a")}}
		h.wantErr("SettlePart", h.SettlePart(h.Context(), claim, o), journal.ErrFenced)
		h.events.want()
	},
	// A part that expired leaves the outbox without becoming a dead letter, and the next
	// part of the queue is due.
	"part events: an expired part leaves, is no dead letter, and the next begins": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Expired: true, Reason: "because"})
		h.outbox.settle(h.outbox.next("b").Claim, journal.PartOutcome{Sent: true})
		h.deadLetters.want()
		h.wantDepth(journal.Depth{})
	},
	// A part that was sent leaves the outbox, whatever else its outcome says.
	"part events: of one that was sent the further fields mean nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{
			Sent: true, Dead: true, Counts: true, Retry: time.Now().Add(time.Hour), Reason: "because",
		})
		h.deadLetters.want()
		h.wantDepth(journal.Depth{})
	},
}
