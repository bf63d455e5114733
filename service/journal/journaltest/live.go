package journaltest

import (
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var liveTests = map[string]func(*harness){
	// A live part has its place in the conversation's outbox like any other: what was stored
	// before goes first, what is stored after waits until it was settled.
	"live: it comes in its place": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.live.beginNew()
		h.outbox.pushParts("2", "b")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Sent: true})
		d := h.live.next(part("ann", "l"), unopened)
		h.outbox.wantNone()
		h.live.sent(d.Claim)
		h.outbox.sendInOrder("b")
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// A step stores Complete's further parts first, then Parts, then Begin.
	"live: a step's order is Complete, Parts, Begin": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		step := completion("l", "whole", "l2")
		step.Parts, step.Begin = []channels.Part{part("ann", "p")}, new(part("ann", "next"))
		h.inbox.settle(turn, step)
		h.live.send(grown("l", "whole"), never)
		h.live.send(part("ann", "l2"), never)
		h.live.send(part("ann", "p"), never)
		h.live.send(part("ann", "next"), unopened)
	},
	// A call of NextPart that waits returns a live part as soon as it begins.
	"live: a call that waits gets it": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.turn()
		got := make(chan journal.Delivery)
		go func() {
			d, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- d
		}()
		synctest.Wait()
		h.live.begin(turn, grown("l", "so far"))
		d := <-got
		h.equal("part", d.Part, grown("l", "so far"))
		h.equal("live", d.Live, unopened)
		h.live.complete(turn, "l", "whole")
		h.live.sent(d.Claim)
		h.wantDepth(journal.Depth{Inbox: 1})
	},
	// A live part of a channel that is not open waits, also while a call of NextPart waits, and
	// comes once the channel is open, though all its slots are taken.
	"live: it waits until its channel is open": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.takeSlot()
		for _, slots := range []map[string]int{{"web": 0}, {"phone": 1}, nil} {
			h.OpenOutbox(slots)
			turn := h.live.turn()
			got := make(chan journal.Delivery, 1)
			go func() {
				d, err := h.NextPart(h.Context())
				h.check("NextPart", err)
				got <- d
			}()
			synctest.Wait()
			h.live.begin(turn, part("ann", "l"))
			synctest.Wait()
			h.equal("given out", len(got), 0)
			h.live.fill()
			d := <-got
			h.equal("live", d.Live, unopened)
			h.live.sent(d.Claim)
			h.forget()
			time.Sleep(window) // until the key of the message may be used again
		}
	},
	// A step that begins a live part has shown something.
	"live: it counts as shown": func(h *harness) {
		turn := h.live.beginNew()
		h.inbox.retry(turn, 0)
		h.equal("shown", h.inbox.next("m").Shown, 1)
	},
	// The end of a turn, whatever its outcome, ends the growth of what it did not complete: it
	// is an ordinary part with the text so far, and needs a slot.
	"live: the end of the turn ends the growth": func(h *harness) {
		for _, outcome := range []journal.Outcome{
			journal.OutcomeDone, journal.OutcomeFailed, journal.OutcomeInterrupted, journal.OutcomeExpired,
			journal.OutcomeRetry, journal.OutcomeDeferred,
		} {
			h.OpenOutbox(Slots("web"))
			busy := h.live.takeSlot()
			turn := h.live.beginNew()
			claim := h.live.next(part("ann", "l"), unopened).Claim
			h.live.keep(claim, grown("l", "so far"), nil)
			h.outbox.settle(claim, journal.PartOutcome{})
			h.inbox.settle(turn, journal.Step{End: &journal.End{Outcome: outcome, At: time.Now().Add(time.Hour)}})
			h.live.wantSlot(busy, grown("l", "so far"), never)
			h.forget()
			time.Sleep(window) // until the keys of the messages may be used again
		}
	},
	// A part that the step which ends the turn begins never grows.
	"live: what the last step begins is complete": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.turn()
		h.inbox.settle(turn, journal.Step{
			Parts: []channels.Part{part("ann", "a")}, Begin: new(part("ann", "l")), End: &journal.End{Outcome: journal.OutcomeDone},
		})
		h.live.send(part("ann", "a"), never)
		h.live.send(part("ann", "l"), never)
		h.wantDepth(journal.Depth{})
	},
	// Wake makes a live part due like any other.
	"live: Wake makes it due": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		h.outbox.postpone(h.outbox.next("l").Claim)
		h.outbox.wantNone()
		h.outbox.wake(ann)
		h.live.send(part("ann", "l"), unopened)
	},
	// A message that is asked has no outbox, so its steps have no live parts.
	"live: a turn of an asked message has none": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		asked := h.asks.begin(lock, message("ann", "1"), "digest")
		for _, step := range []journal.Step{{Begin: new(part("ann", "l"))}, completion("l", "whole")} {
			if err := h.SettleAsk(h.Context(), asked, step); err == nil {
				h.Error("SettleAsk takes a live part")
			}
		}
		h.wantDepth(journal.Depth{})
	},
	// A live part that is given up is a dead letter with the text so far, and nothing
	// completes it any more. Replayed it is an ordinary part.
	"live: its dead letter has the text so far, and is replayed as an ordinary part": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		claim := h.live.next(part("ann", "l"), unopened).Claim
		h.live.keep(claim, grown("l", "so far"), receipt("r"))
		h.outbox.settle(claim, journal.PartOutcome{Dead: true, Reason: "because"})
		list := h.deadLetters.want("l")
		h.equal("part", list[0].Part, new(grown("l", "so far")))
		h.equal("kind", list[0].Kind, journal.KindUndelivered)
		h.deadLetters.replay(list...)
		h.live.complete(turn, "l", "whole", "l2")
		h.live.send(grown("l", "so far"), never)
		h.outbox.wantNone()
	},
	// A live part that waits longer than Env.StaleAfter expires as any other, with the text so
	// far. One that is claimed does not.
	"live: it expires like any other": func(h *harness) {
		h.reopenStale(time.Hour)
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		claim := h.outbox.next("l").Claim
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		h.live.keep(claim, grown("l", "so far"), receipt("r"))
		h.outbox.settle(claim, journal.PartOutcome{})
		h.sweep()
		list := h.deadLetters.wantExpired("l")
		h.equal("part", list[0].Part, new(grown("l", "so far")))
		h.live.complete(turn, "l", "whole", "l2")
		h.wantDepth(journal.Depth{Inbox: 1, DeadLetters: 1})
	},
	// Forget deletes a live part with its turn: neither goes on.
	"live: it is forgotten with its turn": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turn := h.live.beginNew()
		claim := h.outbox.next("l").Claim
		h.forget()
		h.outbox.wantFenced(claim)
		err := h.KeepLive(h.Context(), claim, journal.LiveProgress{Part: part("ann", "l"), Events: []channels.Event{partEvent(channels.EventSent, "l")}})
		h.wantErr("KeepLive", err, journal.ErrFenced)
		h.wantErr("Settle", h.Settle(h.Context(), turn, completion("l", "whole", "l2")), journal.ErrFenced)
		h.wantForgotten()
		h.wantDepth(journal.Depth{})
	},
}
