package journaltest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// reopenLive opens the store again: the process of the turn is gone.
func (h *harness) reopenLive() {
	h.Helper()
	h.reopen()
	h.OpenOutbox(Slots("web"))
}

var reopenLiveTests = map[string]func(*harness){
	// A live part that was never opened is an ordinary part with the text so far when the store
	// is opened again, claimed or not, and needs a slot. Its turn has shown something.
	"reopen live: one that was not opened is an ordinary part": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.outbox.pushParts("1", "behind")
		h.reopenLive()
		claim := h.live.next(part("ann", "l"), never).Claim
		h.wantErr("Settle", h.Settle(h.Context(), turn, completion("l", "whole")), journal.ErrFenced)
		again := h.inbox.next("m")
		h.equal("shown", again.Shown, 1)
		h.outbox.settle(claim, journal.PartOutcome{})
		h.live.send(part("ann", "l"), never)
		h.outbox.sendInOrder("behind")
	},
	// The text so far is kept without a receipt too.
	"reopen live: the text so far is there": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "so far"), nil)
		h.reopenLive()
		h.wantErr("KeepLive", h.KeepLive(h.Context(), claim, journal.LiveProgress{Part: grown("l", "more")}), journal.ErrFenced)
		h.live.send(grown("l", "so far"), never)
	},
	// One that was opened comes with its receipt and the text that was kept. It needs a slot,
	// and what a later turn completes is not this one.
	"reopen live: one that was opened has its receipt": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		h.outbox.settle(h.outbox.next("l").Claim, journal.PartOutcome{Counts: true})
		h.live.keep(h.live.next(part("ann", "l"), unopened).Claim, grown("l", "so far"), receipt("r"))
		h.reopenLive()
		busy := h.live.takeSlotBeside("l")
		again := h.inbox.next("m").Claim
		h.live.complete(again, "l", "whole", "l2")
		h.live.wantSlot(busy, grown("l", "so far"), ended("r"))
		h.outbox.wantNone()
	},
	// After a roll-over the second part is there, in its place, as far as it was kept.
	"reopen live: after a roll-over the second part is there": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		h.outbox.pushParts("1", "behind")
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "first"), receipt("r"))
		h.live.keep(claim, grown("k", "second"), nil)
		h.reopenLive()
		h.live.keep(h.live.next(grown("k", "second"), never).Claim, grown("k", "second and"), receipt("s"))
		h.reopenLive()
		h.live.send(grown("k", "second and"), ended("s"))
		h.outbox.sendInOrder("behind")
	},
	// What was completed is whole: with its receipt when it was opened, else an ordinary part.
	"reopen live: what was completed is whole": func(h *harness) {
		for _, r := range []*channels.Receipt{nil, receipt("r")} {
			h.OpenOutbox(Slots("web"))
			turn := h.live.beginNew()
			h.live.keep(h.live.next(part("ann", "l"), unopened).Claim, grown("l", "so far"), r)
			step := completion("l", "whole", "l2")
			step.End = &journal.End{Outcome: journal.OutcomeDone}
			h.inbox.settle(turn, step)
			h.reopenLive()
			h.live.send(grown("l", "whole"), journal.LiveOf(false, r))
			h.outbox.sendInOrder("l2")
			h.forget()
			time.Sleep(window) // until the key of the message may be used again
		}
	},
	// A part that was given up, or sent, stays so.
	"reopen live: what left the outbox stays away": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		h.outbox.settle(h.outbox.next("l").Claim, journal.PartOutcome{Dead: true})
		h.live.complete(turn, "l", "whole", "l2")
		h.reopenLive()
		h.outbox.wantNone()
		h.deadLetters.replay(h.deadLetters.want("l")...)
		h.live.send(part("ann", "l"), never)
	},
}

// takeSlotBeside is takeSlot while ann's part with the id waits, which it leaves waiting.
func (c liveClient) takeSlotBeside(id string) journal.Claim {
	c.Helper()
	c.outbox.pushNew(pushTo("bob", "busy"))
	parts := c.outbox.nextOf("busy", id)
	c.outbox.settle(parts[id].Claim, journal.PartOutcome{})
	return parts["busy"].Claim
}

// liveBreakTests check a store that can't write.
func liveBreakTests(breakStore Break) map[string]func(*harness) {
	return map[string]func(*harness){
		// A step that can't be committed begins and completes nothing, also while a call of
		// NextPart waits for it. Once the store can write again the same step is committed once.
		"live: what could not be committed changes nothing": func(h *harness) {
			h.OpenOutbox(Slots("web"))
			turn := h.live.turn()
			got := make(chan journal.Delivery)
			begin := journal.Step{Begin: new(part("ann", "l"))}
			ctx, cancel := context.WithTimeout(h.Context(), time.Hour)
			defer cancel()
			go func() {
				for {
					// A store of several processes may fail the call, too.
					if d, err := h.NextPart(ctx); err == nil || ctx.Err() != nil {
						got <- d
						return
					}
					time.Sleep(moment)
				}
			}()
			synctest.Wait()
			h.failing(breakStore, "Settle", func() error { return h.Settle(h.Context(), turn, begin) })
			h.inbox.settle(turn, begin)
			d := <-got
			h.equal("live", d.Live, unopened)
			kept := journal.LiveProgress{Part: grown("l", "so far"), Receipt: receipt("r")}
			h.failing(breakStore, "KeepLive", func() error { return h.KeepLive(h.Context(), d.Claim, kept) })
			d = h.live.nextAfterRetry(d.Claim, part("ann", "l"), unopened)
			h.failing(breakStore, "Settle", func() error { return h.Settle(h.Context(), turn, completion("l", "whole", "l2")) })
			d = h.live.nextAfterRetry(d.Claim, part("ann", "l"), unopened)
			h.live.complete(turn, "l", "whole", "l2")
			h.live.sent(h.live.nextAfterRetry(d.Claim, grown("l", "whole"), never).Claim)
			h.outbox.sendInOrder("l2")
		},
	}
}

// failing checks that a call fails while the store can't write.
func (h *harness) failing(breakStore Break, name string, call func() error) {
	h.Helper()
	h.broken = true
	restore := breakStore(h.T, h.Journal)
	err := call()
	restore()
	if err == nil {
		h.Fatalf("%s succeeds although the store can't write", name)
	}
}
