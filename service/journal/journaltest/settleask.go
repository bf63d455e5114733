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
		lock := h.acquire()
		a := h.begin(lock, message("ann", "1"), "digest")
		first := replyStep("1", channels.Reply{Text: "a"})
		first.Events = append(first.Events, replyEvent("ann", "1", channels.Reply{Text: "b"}))
		h.settleAsk(a, first)
		last := replyStep("1", channels.Reply{Text: "c"})
		interrupted := newEvent(channels.EventInterrupted, "ann", "1")
		interrupted.Reason = "because"
		last.Events = append(last.Events, interrupted)
		last.End = &journal.End{Outcome: journal.OutcomeInterrupted, Reason: "because"}
		h.settleAsk(a, last)
		lock.Release()
		h.wantEvents(append(append([]channels.Event{messageEvent("ann", "1")}, first.Events...), last.Events...)...)
	},
	// An asked message never becomes a dead letter, however its turn ends; its state says
	// how it ended.
	"settle ask: no end makes a dead letter": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeFailed)
		h.askAndEnd("2", journal.OutcomeInterrupted, "a")
		h.askAndEnd("3", journal.OutcomeDone)
		h.wantDeadLetters()
		h.wantDepth(journal.Depth{})
		h.equal("states", []journal.State{h.recall("1").State, h.recall("2").State, h.recall("3").State},
			[]journal.State{journal.StateFailed, journal.StateInterrupted, journal.StateDone})
	},
	// A turn that has ended can't be settled again: SettleAsk fails with ErrFenced and
	// changes nothing.
	"settle ask: a turn that ended is fenced, and nothing changes": func(h *harness) {
		for _, o := range []journal.Outcome{journal.OutcomeInterrupted, journal.OutcomeDone, journal.OutcomeFailed} {
			id := "of " + string(o)
			a := h.askAndEnd(id, o)
			known := h.recall(id)
			h.wantAskFenced(a)
			h.equal("known", h.recall(id), known)
		}
	},
	// When the turn of a message begins anew, the earlier turn can't be settled any more,
	// and the new one can.
	"settle ask: a turn that began anew fences the earlier one": func(h *harness) {
		old := h.askAndEnd("1", journal.OutcomeFailed)
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, message("ann", "1"), "digest of 1")
		h.wantAskFenced(old)
		h.equal("state", h.recall("1").State, journal.StateRunning)
		h.settleAsk(a, replyStep("1", channels.Reply{Text: "a"}))
		h.endAsk(a, journal.OutcomeDone)
		h.equal("replies", h.recall("1").Replies, repliesOf("a"))
	},
	// SettleAsk fails with ErrFenced for a token or a key under which no turn began.
	"settle ask: a turn that never began is fenced": func(h *harness) {
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, message("ann", "1"), "digest")
		h.wantAskFenced(journal.Asked{Key: a.Key, Token: a.Token + 1})
		h.wantAskFenced(journal.Asked{Key: keyOf("ann", "2"), Token: a.Token})
		h.wantAskFenced(journal.Asked{Key: keyOf("bob", "1"), Token: a.Token})
		h.endAsk(a, journal.OutcomeDone)
	},
	// SettleAsk refuses a retry and an outcome that does not exist, and changes nothing, so
	// the turn goes on.
	"settle ask: an outcome that is none of an asked message's is refused, and the turn goes on": func(h *harness) {
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, message("ann", "1"), "digest")
		for _, o := range []journal.Outcome{"lost", journal.OutcomeRetry} {
			step := replyStep("1", channels.Reply{Text: "a"})
			step.End = &journal.End{Outcome: o}
			if err := h.SettleAsk(h.Context(), a, step); err == nil {
				h.Errorf("SettleAsk takes outcome %q", o)
			}
		}
		h.equal("known", h.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateRunning})
		h.wantEvents(messageEvent("ann", "1"))
		h.endAsk(a, journal.OutcomeDone)
	},
	// When the context has ended, SettleAsk returns its error and has committed nothing;
	// the turn goes on.
	"settle ask: an ended context changes nothing": func(h *harness) {
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, message("ann", "1"), "digest")
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.wantErr("SettleAsk", h.SettleAsk(ctx, a, replyStep("1", channels.Reply{Text: "a"})), context.Canceled)
		h.wantEvents(messageEvent("ann", "1"))
		h.endAsk(a, journal.OutcomeDone)
	},
}

// wantAskFenced checks that the turn can be settled in no way, and that no event is
// appended.
func (h *harness) wantAskFenced(a journal.Asked) {
	h.Helper()
	newest := h.newest()
	for _, end := range []*journal.End{
		nil, {Outcome: journal.OutcomeDone}, {Outcome: journal.OutcomeFailed}, {Outcome: journal.OutcomeInterrupted},
	} {
		step := replyStep(a.Key.ID, channels.Reply{Text: "fenced"})
		step.End = end
		h.wantErr("SettleAsk", h.SettleAsk(h.Context(), a, step), journal.ErrFenced)
	}
	h.equal("newest", h.newest(), newest)
}
