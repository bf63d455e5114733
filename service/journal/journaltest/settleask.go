package journaltest

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var settleAskTests = map[string]func(*harness){
	// The events of each step of an asked turn are appended in order, those of the last
	// step together with the turn's end.
	"settle ask: events of the steps are appended in order, with that of the end": func(h *harness) {
		lock := h.asks.acquire()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		first := replyStep("1", channels.Reply{Text: "a"})
		first.Events = append(first.Events, replyEvent("ann", "1", channels.Reply{Text: "b"}))
		h.asks.settle(a, first)
		last := replyStep("1", channels.Reply{Text: "c"})
		interrupted := newEvent(channels.EventInterrupted, "ann", "1")
		interrupted.Reason = "because"
		last.Events = append(last.Events, interrupted)
		last.End = &journal.End{Outcome: journal.OutcomeInterrupted, Reason: "because"}
		h.asks.settle(a, last)
		lock.Release()
		h.events.want(append(append([]channels.Event{messageEvent("ann", "1")}, first.Events...), last.Events...)...)
	},
	// An asked message never becomes a dead letter, however its turn ends; its state says
	// how it ended.
	"settle ask: no end makes a dead letter": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeFailed)
		h.asks.askAndEnd("2", journal.OutcomeInterrupted, "a")
		h.asks.askAndEnd("3", journal.OutcomeDone)
		h.deadLetters.want()
		h.wantDepth(journal.Depth{})
		h.equal("states", []journal.State{h.asks.recall("1").State, h.asks.recall("2").State, h.asks.recall("3").State},
			[]journal.State{journal.StateFailed, journal.StateInterrupted, journal.StateDone})
	},
	// A turn that has ended can't be settled again: SettleAsk fails with ErrFenced and
	// changes nothing.
	"settle ask: a turn that ended is fenced, and nothing changes": func(h *harness) {
		for _, o := range []journal.Outcome{journal.OutcomeInterrupted, journal.OutcomeDone, journal.OutcomeFailed} {
			id := "of " + string(o)
			a := h.asks.askAndEnd(id, o)
			known := h.asks.recall(id)
			h.asks.wantFenced(a)
			h.equal("known", h.asks.recall(id), known)
		}
	},
	// When the turn of a message begins anew, the earlier turn can't be settled any more,
	// and the new one can.
	"settle ask: a turn that began anew fences the earlier one": func(h *harness) {
		old := h.asks.askAndEnd("1", journal.OutcomeFailed)
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest of 1")
		h.asks.wantFenced(old)
		h.equal("state", h.asks.recall("1").State, journal.StateRunning)
		h.asks.settle(a, replyStep("1", channels.Reply{Text: "a"}))
		h.asks.end(a, journal.OutcomeDone)
		h.equal("replies", h.asks.recall("1").Replies, repliesOf("a"))
	},
	// SettleAsk fails with ErrFenced for a token or a key under which no turn began.
	"settle ask: a turn that never began is fenced": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		h.asks.wantFenced(journal.Asked{Key: a.Key, Token: a.Token + 1})
		h.asks.wantFenced(journal.Asked{Key: keyOf("ann", "2"), Token: a.Token})
		h.asks.wantFenced(journal.Asked{Key: keyOf("bob", "1"), Token: a.Token})
		h.asks.end(a, journal.OutcomeDone)
	},
	// SettleAsk refuses a retry and an outcome that does not exist, and changes nothing, so
	// the turn goes on.
	"settle ask: an outcome that is none of an asked message's is refused, and the turn goes on": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		for _, o := range []journal.Outcome{"lost", journal.OutcomeRetry} {
			step := replyStep("1", channels.Reply{Text: "a"})
			step.End = &journal.End{Outcome: o}
			if err := h.SettleAsk(h.Context(), a, step); err == nil {
				h.Errorf("SettleAsk takes outcome %q", o)
			}
		}
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateRunning})
		h.events.want(messageEvent("ann", "1"))
		h.asks.end(a, journal.OutcomeDone)
	},
	// When the context has ended, SettleAsk returns its error and has committed nothing;
	// the turn goes on.
	"settle ask: an ended context changes nothing": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.wantErr("SettleAsk", h.SettleAsk(ctx, a, replyStep("1", channels.Reply{Text: "a"})), context.Canceled)
		h.events.want(messageEvent("ann", "1"))
		h.asks.end(a, journal.OutcomeDone)
	},
}
