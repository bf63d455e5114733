package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var recallTests = map[string]func(*harness){
	// Recall returns nil for a key that no message had.
	"recall: nothing is known of what never came": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeDone)
		h.wantUnknown("2")
		known, err := h.Recall(h.Context(), keyOf("bob", "1"))
		if known != nil || err != nil {
			h.Errorf("Recall returns %+v, error %v", known, err)
		}
	},
	// Recall returns the digest and the replies so far with every field as they were
	// recorded, each reply with its own parts.
	"recall: replies come back as they were, each with its parts": func(h *harness) {
		want := [][]channels.Reply{
			{{RecipientID: "ann", Text: "a"}, fullPart().Reply},
			{fullPart().Reply},
			{{Text: ""}, {Image: "https://x/1.png"}, {Text: "z", Rendered: true}},
		}
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, message("ann", "1"), "digest\x00\xff")
		step := replyStep("1", want[0]...)
		step.Events = append(step.Events, replyEvent("ann", "1", want[1]...))
		h.settleAsk(a, step)
		h.equal("known", h.recall("1"), journal.Known{
			Digest: []byte("digest\x00\xff"), State: journal.StateRunning, Replies: want[:2],
		})
		step = replyStep("1", want[2]...)
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		h.settleAsk(a, step)
		h.equal("known", h.recall("1"), journal.Known{
			Digest: []byte("digest\x00\xff"), State: journal.StateDone, Replies: want,
		})
	},
	// Recall returns the replies of its own message only, and no event of another kind.
	"recall: other events are no replies, and other messages' replies are theirs": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeDone, "a")
		h.askAndEnd("2", journal.OutcomeDone, "b")
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, message("ann", "3"), "digest")
		h.settleAsk(a, journal.Step{
			Shown: true, Events: []channels.Event{newEvent(channels.EventInterrupted, "ann", "3")},
			End: &journal.End{Outcome: journal.OutcomeInterrupted},
		})
		h.appendEvents(replyEvent("ann", "of another", channels.Reply{Text: "c"}))
		h.equal("replies", h.recall("1").Replies, repliesOf("a"))
		h.equal("replies", h.recall("2").Replies, repliesOf("b"))
		h.equal("known", h.recall("3"), journal.Known{Digest: []byte("digest"), State: journal.StateInterrupted})
	},
	// Recall knows a message that Enqueue stored, and returns no digest for it.
	"recall: a stored message is known, and has no digest": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.equal("digest", h.recall("1").Digest, []byte(nil))
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.equal("digest", h.recall("1").Digest, []byte(nil))
	},
	// Recall knows a message for the whole of its window, and no longer.
	"recall: a key is forgotten when its window has passed": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeDone, "a")
		h.askAndEnd("2", journal.OutcomeFailed)
		h.enqueueNew("ann", "3")
		time.Sleep(window - time.Second)
		h.equal("replies", h.recall("1").Replies, repliesOf("a"))
		h.recall("2")
		h.recall("3")
		time.Sleep(time.Second)
		for _, id := range []string{"1", "2", "3"} {
			h.wantUnknown(id)
		}
	},
	// Sweep deletes what is known of a message when the window has passed, and keeps it
	// before.
	"recall: sweep deletes what is known once the window has passed, and not before": func(h *harness) {
		h.askAndEnd("1", journal.OutcomeDone, "a")
		time.Sleep(window - time.Second)
		h.askAndEnd("2", journal.OutcomeDone, "b")
		h.sweep()
		h.equal("replies", h.recall("1").Replies, repliesOf("a"))
		time.Sleep(time.Second)
		h.sweep()
		h.wantUnknown("1")
		h.equal("replies", h.recall("2").Replies, repliesOf("b"))
	},
}

// sweep calls Sweep until nothing is left to delete.
func (h *harness) sweep() {
	h.Helper()
	const limit = 2
	for n := limit; n >= limit; {
		var err error
		if n, err = h.Sweep(h.Context(), limit); err != nil {
			h.Fatalf("Sweep: %v", err)
		}
	}
}
