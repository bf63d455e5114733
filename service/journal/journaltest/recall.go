package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var recallTests = map[string]func(*harness){
	// Recall returns nil for a key that no message had.
	"recall: nothing is known of what never came": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone)
		h.asks.wantUnknown("2")
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
			{{Text: ""}, {Image: "https://x/1.png"}, {Text: "z", Rendered: true, Format: channels.FormatMarkdown}},
		}
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest\x00\xff")
		step := replyStep("1", want[0]...)
		step.Events = append(step.Events, replyEvent("ann", "1", want[1]...))
		h.asks.settle(a, step)
		h.equal("known", h.asks.recall("1"), journal.Known{
			Digest: []byte("digest\x00\xff"), State: journal.StateRunning, Replies: want[:2],
		})
		step = replyStep("1", want[2]...)
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		h.asks.settle(a, step)
		h.equal("known", h.asks.recall("1"), journal.Known{
			Digest: []byte("digest\x00\xff"), State: journal.StateDone, Replies: want,
		})
	},
	// Recall returns the replies of its own message only, and no event of another kind.
	"recall: other events are no replies, and other messages' replies are theirs": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a")
		h.asks.askAndEnd("2", journal.OutcomeDone, "b")
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "3"), "digest")
		h.asks.settle(a, journal.Step{
			Shown: true, Events: []channels.Event{newEvent(channels.EventInterrupted, "ann", "3")},
			End: &journal.End{Outcome: journal.OutcomeInterrupted},
		})
		h.events.append(replyEvent("ann", "of another", channels.Reply{Text: "c"}))
		h.equal("replies", h.asks.recall("1").Replies, repliesOf("a"))
		h.equal("replies", h.asks.recall("2").Replies, repliesOf("b"))
		h.equal("known", h.asks.recall("3"), journal.Known{Digest: []byte("digest"), State: journal.StateInterrupted})
	},
	// Recall knows a message that Enqueue stored, and returns no digest for it.
	"recall: a stored message is known, and has no digest": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.equal("digest", h.asks.recall("1").Digest, []byte(nil))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.equal("digest", h.asks.recall("1").Digest, []byte(nil))
	},
	// Recall knows a message for the whole of its window, and no longer.
	"recall: a key is forgotten when its window has passed": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a")
		h.asks.askAndEnd("2", journal.OutcomeFailed)
		h.inbox.enqueueNew("ann", "3")
		time.Sleep(window - time.Second)
		h.equal("replies", h.asks.recall("1").Replies, repliesOf("a"))
		h.asks.recall("2")
		h.asks.recall("3")
		time.Sleep(time.Second)
		for _, id := range []string{"1", "2", "3"} {
			h.asks.wantUnknown(id)
		}
	},
	// Sweep deletes what is known of a message when the window has passed, and keeps it
	// before.
	"recall: sweep deletes what is known once the window has passed, and not before": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a")
		time.Sleep(window - time.Second)
		h.asks.askAndEnd("2", journal.OutcomeDone, "b")
		h.sweep()
		h.equal("replies", h.asks.recall("1").Replies, repliesOf("a"))
		time.Sleep(time.Second)
		h.sweep()
		h.asks.wantUnknown("1")
		h.equal("replies", h.asks.recall("2").Replies, repliesOf("b"))
	},
}
