package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var completeTests = map[string]func(*harness){
	// A part that is completed before it is claimed is an ordinary part with the whole text: it
	// keeps its place, and needs a slot.
	"complete: before it is claimed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		busy := h.live.takeSlot()
		turn := h.live.beginNew()
		h.outbox.pushParts("1", "behind")
		h.live.complete(turn, "l", "whole")
		h.live.wantSlot(busy, grown("l", "whole"), never)
		h.outbox.sendInOrder("behind")
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// While a part grows its claim takes no slot, and a channel without a free one gives it
	// out. A claim stays valid when the part is completed meanwhile, and takes no slot until it
	// ends. Then the part has the whole text, and needs a slot.
	"complete: while it is claimed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		busy := h.live.takeSlot()
		turn := h.live.beginNew()
		h.live.fill()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.complete(turn, "l", "whole")
		h.outbox.pushNew(pushTo("carol", "c"))
		h.outbox.wantNone()
		h.live.sent(busy)
		c := h.outbox.next("c").Claim
		h.outbox.settle(claim, journal.PartOutcome{Counts: true})
		h.live.wantSlot(c, grown("l", "whole"), never)
	},
	// After a part was put back, as long as it grows, it is given out without a slot; once it
	// is completed it needs one.
	"complete: after it was claimed and put back": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		busy := h.live.takeSlot()
		turn := h.live.beginNew()
		h.live.fill()
		d := h.live.nextAfterRetry(h.live.next(part("ann", "l"), unopened).Claim, part("ann", "l"), unopened)
		h.outbox.settle(d.Claim, journal.PartOutcome{Counts: true})
		h.live.complete(turn, "l", "whole")
		h.outbox.wantNone()
		h.live.sent(busy)
		d = h.live.next(grown("l", "whole"), never)
		h.equal("attempts", d.Attempts, 1)
	},
	// A part that was opened and is completed comes with its receipt and the whole text.
	"complete: one that was opened has its receipt": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "so far"), receipt("r"))
		h.live.complete(turn, "l", "whole")
		d := h.live.nextAfterRetry(claim, grown("l", "whole"), ended("r"))
		h.live.sent(d.Claim)
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// The first of the parts takes the live part's place, the further ones go to the end.
	"complete: further parts go to the end": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.outbox.pushParts("1", "a", "b")
		h.live.complete(turn, "l", "whole", "l2", "l3")
		h.live.send(grown("l", "whole"), never)
		h.outbox.sendInOrder("a", "b", "l2", "l3")
	},
	// It makes nothing due: a part that was put off waits on.
	"complete: it leaves when the part is due": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.outbox.postpone(h.outbox.next("l").Claim)
		h.live.complete(turn, "l", "whole")
		h.outbox.wantNone()
		h.outbox.wake(ann)
		h.live.send(grown("l", "whole"), never)
	},
	// When the part is gone nothing of the completion is stored; the rest of the step is.
	"complete: of a part that is gone none is stored": func(h *harness) {
		for name, end := range map[string]func(turn, claim journal.Claim){
			"sent":     func(_, claim journal.Claim) { h.live.sent(claim) },
			"expired":  func(_, claim journal.Claim) { h.outbox.settle(claim, journal.PartOutcome{Expired: true}) },
			"given up": func(_, claim journal.Claim) { h.outbox.settle(claim, journal.PartOutcome{Dead: true}) },
			"completed": func(turn, claim journal.Claim) {
				h.live.complete(turn, "l", "whole")
				h.live.sent(h.live.nextAfterRetry(claim, grown("l", "whole"), never).Claim)
			},
		} {
			h.Log(name)
			h.OpenOutbox(Slots("web"))
			turn := h.live.beginNew()
			end(turn, h.live.next(part("ann", "l"), unopened).Claim)
			step := completion("l", "again", "l2")
			step.Parts = []channels.Part{part("ann", "p")}
			h.inbox.settle(turn, step)
			h.outbox.sendInOrder("p")
			h.forget()
			time.Sleep(window) // until the key of the message may be used again
		}
	},
	// A completion of another id than that of the part that grows, or of one that was
	// completed already, stores nothing.
	"complete: of another id none is stored": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.live.complete(turn, "other", "whole", "o2")
		h.live.complete(turn, "l", "whole")
		h.live.complete(turn, "l", "again", "l2")
		h.live.send(grown("l", "whole"), never)
		h.outbox.wantNone()
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// A turn may let one part grow after the other; each is completed in its place.
	"complete: one after the other": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		step := completion("l", "whole")
		step.Begin = new(part("ann", "k"))
		h.inbox.settle(turn, step)
		step = completion("k", "all")
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		h.inbox.settle(turn, step)
		h.live.send(grown("l", "whole"), never)
		h.live.send(grown("k", "all"), never)
		h.wantDepth(journal.Depth{})
	},
	// A step whose claim was lost completes nothing.
	"complete: a fenced step changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.inbox.retry(turn, 0)
		h.wantErr("Settle", h.Settle(h.Context(), turn, completion("l", "whole", "l2")), journal.ErrFenced)
		h.live.send(part("ann", "l"), never)
		h.outbox.wantNone()
	},
	// A completion without parts, or whose first part has another id, is refused, and the step
	// changes nothing.
	"complete: one that is none is refused": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		for _, c := range []journal.Completion{{ID: "l"}, {ID: "l", Parts: []channels.Part{part("ann", "l2")}}} {
			if err := h.Settle(h.Context(), turn, journal.Step{Complete: &c, Parts: []channels.Part{part("ann", "p")}}); err == nil {
				h.Errorf("Settle takes completion %+v", c)
			}
		}
		h.live.send(part("ann", "l"), unopened)
		h.outbox.wantNone()
	},
}
