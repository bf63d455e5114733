package journaltest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// postpone puts a claimed part back for an hour.
func (h *harness) postpone(c journal.Claim) {
	h.Helper()
	h.settlePart(c, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
}

// wake says that the conversation's reader is connected.
func (h *harness) wake(c channels.Conversation) {
	h.Helper()
	h.wantErr("Wake", h.Wake(h.Context(), c), nil)
}

// gone says that the conversation's reader has left.
func (h *harness) gone(c channels.Conversation) {
	h.Helper()
	h.wantErr("Gone", h.Gone(h.Context(), c), nil)
}

var wakeTests = map[string]func(*harness){
	// Wake makes the conversation's first part due now and leaves its count of attempts as
	// it is.
	"wake: what waits is due, and its attempts are kept": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a", "b")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Counts: true, Retry: time.Now().Add(time.Hour)})
		h.wantNoPart()
		h.wake(ann)
		delivery := h.nextPart("a")
		h.equal("attempts", delivery.Attempts, 1)
		h.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		h.sendInOrder("b")
	},
	// A call of NextPart that waits returns the part that Wake makes due.
	"wake: what waits goes to a call that waits": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		h.postpone(h.nextPart("a").Claim)
		got := make(chan journal.Delivery)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery
		}()
		synctest.Wait()
		h.wake(ann)
		h.settlePart((<-got).Claim, journal.PartOutcome{Sent: true})
		h.wantNoPart()
		h.wantDepth(journal.Depth{})
	},
	// When the first part is claimed, Wake makes it due as soon as it is put back, once,
	// whatever time its outcome asks for.
	"wake: what is claimed is due once it is put back, and only then": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		claim := h.nextPart("a").Claim
		h.wake(ann)
		h.wake(ann)
		h.wantNoPart()
		h.postpone(claim)
		h.postpone(h.nextPart("a").Claim) // this time nobody was woken
		h.wantNoPart()
		time.Sleep(time.Hour)
		h.sendInOrder("a")
	},
	// When the claimed part leaves the outbox, Wake has no effect on the part behind it.
	"wake: what stands behind what is claimed is not woken": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a", "b")
		claim := h.nextPart("a").Claim
		h.wake(ann)
		h.settlePart(claim, journal.PartOutcome{Sent: true})
		h.postpone(h.nextPart("b").Claim)
		h.wantNoPart()
		time.Sleep(time.Hour)
		h.sendInOrder("b")
	},
	// Wake makes no part of another conversation due, neither of another sender nor of
	// another channel.
	"wake: other conversations are not woken": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		h.postpone(h.nextPart("a").Claim)
		h.wake(channels.Conversation{Channel: "web", Sender: "bob"})
		h.wake(channels.Conversation{Channel: "phone", Sender: "ann"})
		h.wantNoPart()
	},
	// Wake makes no part of a closed channel come; it comes when the channel is opened.
	"wake: a closed channel stays closed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		h.postpone(h.nextPart("a").Claim)
		h.OpenOutbox(Slots("phone"))
		h.wake(ann)
		h.wantNoPart()
		h.OpenOutbox(Slots("web"))
		h.sendInOrder("a")
	},
	// Wake of a conversation of which nothing waits succeeds, and later parts are postponed
	// and sent as usual.
	"wake: without a part that waits it changes nothing for later parts": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.wake(ann)
		h.pushParts("1", "a")
		h.postpone(h.nextPart("a").Claim)
		h.wantNoPart()
		h.forget()
		h.pushParts("2", "b")
		h.sendInOrder("b")
		h.wantDepth(journal.Depth{})
	},
	// A turn that runs goes on after Wake and Gone, and the parts of its steps are given
	// out.
	"wake: a turn goes on beside it": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.enqueueNew("ann", "1")
		turn := h.next("1")
		h.wake(ann)
		h.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "a")}})
		h.sendInOrder("a")
		h.gone(ann)
		h.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "b")}, End: &journal.End{Outcome: journal.OutcomeDone}})
		h.sendInOrder("b")
	},
	// After Gone the conversation's parts are given out as usual, whether Wake was called
	// or not; Gone makes no part due.
	"gone: parts come as before, whether a reader was connected or not": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.gone(ann)
		h.pushParts("1", "a", "b", "c")
		h.wake(ann)
		h.wake(ann)
		claim := h.nextPart("a").Claim
		h.gone(ann)
		h.settlePart(claim, journal.PartOutcome{Sent: true})
		h.postpone(h.nextPart("b").Claim)
		h.gone(ann)
		h.wantNoPart() // nobody is woken by it
		time.Sleep(time.Hour)
		h.sendInOrder("b", "c")
	},
	// When the context has ended, Wake and Gone return its error and change nothing.
	"wake: an ended context changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		h.postpone(h.nextPart("a").Claim)
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.wantErr("Wake", h.Wake(ctx, ann), context.Canceled)
		h.wantErr("Gone", h.Gone(ctx, ann), context.Canceled)
		h.wantNoPart()
	},
}
