package journaltest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var wakeTests = map[string]func(*harness){
	// Wake makes the conversation's first part due now and leaves its count of attempts as
	// it is.
	"wake: what waits is due, and its attempts are kept": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Counts: true, Retry: time.Now().Add(time.Hour)})
		h.outbox.wantNone()
		h.outbox.wake(ann)
		delivery := h.outbox.next("a")
		h.equal("attempts", delivery.Attempts, 1)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Sent: true})
		h.outbox.sendInOrder("b")
	},
	// A call of NextPart that waits returns the part that Wake makes due.
	"wake: what waits goes to a call that waits": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.outbox.postpone(h.outbox.next("a").Claim)
		got := make(chan journal.Delivery)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery
		}()
		synctest.Wait()
		h.outbox.wake(ann)
		h.outbox.settle((<-got).Claim, journal.PartOutcome{Sent: true})
		h.outbox.wantNone()
		h.wantDepth(journal.Depth{})
	},
	// When the first part is claimed, Wake makes it due as soon as it is put back, once,
	// whatever time its outcome asks for.
	"wake: what is claimed is due once it is put back, and only then": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		claim := h.outbox.next("a").Claim
		h.outbox.wake(ann)
		h.outbox.wake(ann)
		h.outbox.wantNone()
		h.outbox.postpone(claim)
		h.outbox.postpone(h.outbox.next("a").Claim) // this time nobody was woken
		h.outbox.wantNone()
		time.Sleep(time.Hour)
		h.outbox.sendInOrder("a")
	},
	// When the claimed part leaves the outbox, Wake has no effect on the part behind it.
	"wake: what stands behind what is claimed is not woken": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		claim := h.outbox.next("a").Claim
		h.outbox.wake(ann)
		h.outbox.settle(claim, journal.PartOutcome{Sent: true})
		h.outbox.postpone(h.outbox.next("b").Claim)
		h.outbox.wantNone()
		time.Sleep(time.Hour)
		h.outbox.sendInOrder("b")
	},
	// Wake makes no part of another conversation due, neither of another sender nor of
	// another channel.
	"wake: other conversations are not woken": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.outbox.postpone(h.outbox.next("a").Claim)
		h.outbox.wake(channels.Conversation{Channel: "web", Sender: "bob"})
		h.outbox.wake(channels.Conversation{Channel: "phone", Sender: "ann"})
		h.outbox.wantNone()
	},
	// Wake makes no part of a closed channel come; it comes when the channel is opened.
	"wake: a closed channel stays closed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.outbox.postpone(h.outbox.next("a").Claim)
		h.OpenOutbox(Slots("phone"))
		h.outbox.wake(ann)
		h.outbox.wantNone()
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("a")
	},
	// Wake of a conversation of which nothing waits succeeds, and later parts are postponed
	// and sent as usual.
	"wake: without a part that waits it changes nothing for later parts": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.wake(ann)
		h.outbox.pushParts("1", "a")
		h.outbox.postpone(h.outbox.next("a").Claim)
		h.outbox.wantNone()
		h.forget()
		h.outbox.pushParts("2", "b")
		h.outbox.sendInOrder("b")
		h.wantDepth(journal.Depth{})
	},
	// A turn that runs goes on after Wake and Gone, and the parts of its steps are given
	// out.
	"wake: a turn goes on beside it": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.outbox.wake(ann)
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "a")}})
		h.outbox.sendInOrder("a")
		h.outbox.gone(ann)
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "b")}, End: &journal.End{Outcome: journal.OutcomeDone}})
		h.outbox.sendInOrder("b")
	},
	// After Gone the conversation's parts are given out as usual, whether Wake was called
	// or not; Gone makes no part due.
	"gone: parts come as before, whether a reader was connected or not": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.gone(ann)
		h.outbox.pushParts("1", "a", "b", "c")
		h.outbox.wake(ann)
		h.outbox.wake(ann)
		claim := h.outbox.next("a").Claim
		h.outbox.gone(ann)
		h.outbox.settle(claim, journal.PartOutcome{Sent: true})
		h.outbox.postpone(h.outbox.next("b").Claim)
		h.outbox.gone(ann)
		h.outbox.wantNone() // nobody is woken by it
		time.Sleep(time.Hour)
		h.outbox.sendInOrder("b", "c")
	},
	// When the context has ended, Wake and Gone return its error and change nothing.
	"wake: an ended context changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.outbox.postpone(h.outbox.next("a").Claim)
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.wantErr("Wake", h.Wake(ctx, ann), context.Canceled)
		h.wantErr("Gone", h.Gone(ctx, ann), context.Canceled)
		h.outbox.wantNone()
	},
}
