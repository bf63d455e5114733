package journaltest

import (
	"encoding/json"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// fullPart returns a part of bob's with every field set, also those that exclude each other.
func fullPart() channels.Part {
	return channels.Part{
		ID: "full", Channel: "web", Sender: "bob", Address: "C1:1700.1", MessageID: "1700.2",
		Reply: channels.Reply{
			RecipientID: "bob", Text: "<b>héllo</b>\n\n & ", Image: "https://x/?a=1&b", Rendered: true, Format: channels.FormatMarkdown,
			Buttons:      []channels.Button{},
			QuickReplies: []channels.Button{{Title: "t", Payload: "p", Extra: map[string]json.RawMessage{"url": json.RawMessage(`"u"`)}}},
			Attachment:   json.RawMessage("null"),
			Custom:       json.RawMessage("{\"b\": 1.0,\n \"a\":12345678901234567890}"),
			Elements:     []channels.Element{{Title: "t", Subtitle: "s", Buttons: []channels.Button{{Title: "x"}}}},
			Extra:        map[string]json.RawMessage{"button_type": json.RawMessage(`"vertical"`)},
		},
		Choices: []channels.Choice{{Key: "k", Title: "<t>\n", Payload: "/p{\"a\":1}"}, {}},
	}
}

var outboxTests = map[string]func(*harness){
	// A part is given out with every field as it was stored, with no attempt counted and
	// the time it was stored.
	"outbox: a part comes back as it was stored": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{Parts: []channels.Part{fullPart()}})
		delivery := h.outbox.next("full")
		h.equal("part", delivery.Part, fullPart())
		h.equal("attempts", delivery.Attempts, 0)
		if age := time.Since(delivery.Stored); age < 0 || age > time.Second {
			h.Errorf("it was stored %v ago", age)
		}
	},
	// Parts of one conversation are given out in the order in which they were stored, each
	// only when the one before it is settled; conversations do not wait for each other.
	"outbox: a conversation's parts come one at a time, conversations side by side": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1", "a2")
		h.outbox.storeParts("bob", "b1")
		h.outbox.storeParts("ann", "a3")
		first := h.outbox.nextOf("a1", "b1")["a1"]
		h.outbox.wantNone()
		h.outbox.settle(first.Claim, journal.PartOutcome{Sent: true})
		h.outbox.settle(h.outbox.next("a2").Claim, journal.PartOutcome{Sent: true})
		h.outbox.settle(h.outbox.next("a3").Claim, journal.PartOutcome{Sent: true})
		h.wantDepth(journal.Depth{Outbox: 1})
	},
	// A call of NextPart that waits returns when a part is stored.
	"outbox: a part wakes a call that waits for it": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		got := make(chan string)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		h.outbox.storeParts("ann", "a1")
		h.equal("part", <-got, "a1")
	},
	// NextPart returns parts of the channels that OpenOutbox named last, at first of none;
	// parts of other channels wait and hold up nobody.
	"outbox: parts of a closed channel wait and block no other": func(h *harness) {
		h.outbox.storeParts("ann", "a1", "a2")
		h.outbox.wantNone()
		h.OpenOutbox(Slots("phone"))
		h.outbox.wantNone()
		h.OpenOutbox(Slots("phone", "web"))
		first := h.outbox.next("a1")
		h.OpenOutbox(Slots("phone"))
		h.outbox.settle(first.Claim, journal.PartOutcome{Sent: true})
		h.outbox.wantNone()
		h.outbox.storePartOn("phone", "bob", "b1")
		h.outbox.settle(h.outbox.next("b1").Claim, journal.PartOutcome{Sent: true})
		h.OpenOutbox(Slots("web"))
		h.outbox.next("a2")
	},
	// A call of NextPart that waits returns when the channel of a stored part is opened.
	"outbox: opening a channel wakes a call that waits": func(h *harness) {
		h.outbox.storeParts("ann", "a1")
		got := make(chan string)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		h.outbox.wantNone()
		h.OpenOutbox(Slots("web"))
		h.equal("part", <-got, "a1")
	},
	// A part that is to be retried stays first in its queue until it is due; the attempt is
	// counted only when its outcome says so.
	"outbox: a retry stays first, counts when it says so, and blocks its own queue only": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1", "a2")
		h.outbox.storeParts("bob", "b1")
		first := h.outbox.nextOf("a1", "b1")["a1"]
		h.outbox.settle(first.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour), Counts: true})
		h.outbox.wantNone()
		time.Sleep(time.Hour)
		delivery := h.outbox.next("a1")
		h.equal("attempts", delivery.Attempts, 1)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Retry: time.Now()})
		delivery = h.outbox.next("a1")
		h.equal("attempts", delivery.Attempts, 1)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Counts: true})
		h.equal("attempts", h.outbox.next("a1").Attempts, 2)
		h.outbox.wantNone()
	},
	// An attempt is counted also when NextPart waited for the part before it was stored.
	"outbox: the retry of a part that was waited for counts too": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		parts := make(chan journal.Delivery)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			parts <- delivery
		}()
		synctest.Wait()
		h.outbox.storeParts("ann", "a1")
		h.outbox.settle((<-parts).Claim, journal.PartOutcome{Counts: true})
		h.equal("attempts", h.outbox.next("a1").Attempts, 1)
	},
	// A part that is to be retried and whose channel was closed meanwhile waits, also when
	// it is due, until the channel is opened.
	"outbox: a retry of a channel that closed waits for the channel": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1")
		h.outbox.settle(h.outbox.next("a1").Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		h.OpenOutbox(Slots())
		time.Sleep(2 * time.Hour)
		h.outbox.wantNone()
		h.OpenOutbox(Slots("web"))
		h.outbox.next("a1")
	},
	// A part that is given up becomes a dead letter, unchanged and with the reason, and the
	// next part of the queue is due.
	"outbox: a dead part is a dead letter, and the next begins": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1", "a2")
		h.outbox.settle(h.outbox.next("a1").Claim, journal.PartOutcome{Dead: true, Reason: "because"})
		h.outbox.next("a2")
		dead := h.deadLetters.want("a1")[0]
		h.equal("kind", dead.Kind, journal.KindUndelivered)
		h.equal("reason", dead.Reason, "because")
		h.equal("part", *dead.Part, part("ann", "a1"))
		h.wantDepth(journal.Depth{Outbox: 1, DeadLetters: 1})
	},
	// SettlePart with a claim that is not the current one of its row fails with ErrFenced
	// and changes nothing; each claim of a row has a higher token than the one before.
	"outbox: a claim that ended or never was is fenced, and changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1")
		old := h.outbox.next("a1").Claim
		h.outbox.settle(old, journal.PartOutcome{})
		h.outbox.wantFenced(old)
		current := h.outbox.next("a1").Claim
		if current.Row != old.Row || current.Token <= old.Token {
			h.Errorf("claim %+v follows %+v", current, old)
		}
		h.outbox.wantFenced(old)
		h.outbox.wantFenced(journal.Claim{Row: current.Row + 1, Token: current.Token})
		h.wantDepth(journal.Depth{Outbox: 1})
		h.outbox.settle(current, journal.PartOutcome{Sent: true})
		h.outbox.wantFenced(current)
		h.wantDepth(journal.Depth{})
	},
}
