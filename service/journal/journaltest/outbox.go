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
		ID: "full", Channel: "web", Sender: "bob", Address: "C1:1700.1",
		Reply: channels.Reply{
			RecipientID: "bob", Text: "<b>héllo</b>\n\n & ", Image: "https://x/?a=1&b", Rendered: true,
			Buttons:      []channels.Button{},
			QuickReplies: []channels.Button{{Title: "t", Payload: "p", Extra: map[string]json.RawMessage{"url": json.RawMessage(`"u"`)}}},
			Attachment:   json.RawMessage("null"),
			Custom:       json.RawMessage("{\"b\": 1.0,\n \"a\":12345678901234567890}"),
			Elements:     []channels.Element{{Title: "t", Subtitle: "s", Buttons: []channels.Button{{Title: "x"}}}},
			Extra:        map[string]json.RawMessage{"button_type": json.RawMessage(`"vertical"`)},
		},
	}
}

var outboxTests = map[string]func(*harness){
	// A part is given out with every field as it was stored, with no attempt counted and
	// the time it was stored.
	"outbox: a part comes back as it was stored": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.enqueueNew("ann", "1")
		h.settle(h.next("1").Claim, journal.Step{Parts: []channels.Part{fullPart()}})
		delivery := h.nextPart("full")
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
		h.storeParts("ann", "a1", "a2")
		h.storeParts("bob", "b1")
		h.storeParts("ann", "a3")
		first := h.deliveries("a1", "b1")["a1"]
		h.wantNoPart()
		h.settlePart(first.Claim, journal.PartOutcome{Sent: true})
		h.settlePart(h.nextPart("a2").Claim, journal.PartOutcome{Sent: true})
		h.settlePart(h.nextPart("a3").Claim, journal.PartOutcome{Sent: true})
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
		h.storeParts("ann", "a1")
		h.equal("part", <-got, "a1")
	},
	// NextPart returns parts of the channels that OpenOutbox named last, at first of none;
	// parts of other channels wait and hold up nobody.
	"outbox: parts of a closed channel wait and block no other": func(h *harness) {
		h.storeParts("ann", "a1", "a2")
		h.wantNoPart()
		h.OpenOutbox(Slots("phone"))
		h.wantNoPart()
		h.OpenOutbox(Slots("phone", "web"))
		first := h.nextPart("a1")
		h.OpenOutbox(Slots("phone"))
		h.settlePart(first.Claim, journal.PartOutcome{Sent: true})
		h.wantNoPart()
		h.storePartOn("phone", "bob", "b1")
		h.settlePart(h.nextPart("b1").Claim, journal.PartOutcome{Sent: true})
		h.OpenOutbox(Slots("web"))
		h.nextPart("a2")
	},
	// A call of NextPart that waits returns when the channel of a stored part is opened.
	"outbox: opening a channel wakes a call that waits": func(h *harness) {
		h.storeParts("ann", "a1")
		got := make(chan string)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		h.wantNoPart()
		h.OpenOutbox(Slots("web"))
		h.equal("part", <-got, "a1")
	},
	// A part that is to be retried stays first in its queue until it is due; the attempt is
	// counted only when its outcome says so.
	"outbox: a retry stays first, counts when it says so, and blocks its own queue only": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.storeParts("ann", "a1", "a2")
		h.storeParts("bob", "b1")
		first := h.deliveries("a1", "b1")["a1"]
		h.settlePart(first.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour), Counts: true})
		h.wantNoPart()
		time.Sleep(time.Hour)
		delivery := h.nextPart("a1")
		h.equal("attempts", delivery.Attempts, 1)
		h.settlePart(delivery.Claim, journal.PartOutcome{Retry: time.Now()})
		delivery = h.nextPart("a1")
		h.equal("attempts", delivery.Attempts, 1)
		h.settlePart(delivery.Claim, journal.PartOutcome{Counts: true})
		h.equal("attempts", h.nextPart("a1").Attempts, 2)
		h.wantNoPart()
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
		h.storeParts("ann", "a1")
		h.settlePart((<-parts).Claim, journal.PartOutcome{Counts: true})
		h.equal("attempts", h.nextPart("a1").Attempts, 1)
	},
	// A part that is to be retried and whose channel was closed meanwhile waits, also when
	// it is due, until the channel is opened.
	"outbox: a retry of a channel that closed waits for the channel": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.storeParts("ann", "a1")
		h.settlePart(h.nextPart("a1").Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		h.OpenOutbox(Slots())
		time.Sleep(2 * time.Hour)
		h.wantNoPart()
		h.OpenOutbox(Slots("web"))
		h.nextPart("a1")
	},
	// A part that is given up becomes a dead letter, unchanged and with the reason, and the
	// next part of the queue is due.
	"outbox: a dead part is a dead letter, and the next begins": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.storeParts("ann", "a1", "a2")
		h.settlePart(h.nextPart("a1").Claim, journal.PartOutcome{Dead: true, Reason: "because"})
		h.nextPart("a2")
		dead := h.wantDeadLetters("a1")[0]
		h.equal("kind", dead.Kind, journal.KindUndelivered)
		h.equal("reason", dead.Reason, "because")
		h.equal("part", *dead.Part, part("ann", "a1"))
		h.wantDepth(journal.Depth{Outbox: 1, DeadLetters: 1})
	},
	// SettlePart with a claim that is not the current one of its row fails with ErrFenced
	// and changes nothing; each claim of a row has a higher token than the one before.
	"outbox: a claim that ended or never was is fenced, and changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.storeParts("ann", "a1")
		old := h.nextPart("a1").Claim
		h.settlePart(old, journal.PartOutcome{})
		h.wantPartFenced(old)
		current := h.nextPart("a1").Claim
		if current.Row != old.Row || current.Token <= old.Token {
			h.Errorf("claim %+v follows %+v", current, old)
		}
		h.wantPartFenced(old)
		h.wantPartFenced(journal.Claim{Row: current.Row + 1, Token: current.Token})
		h.wantDepth(journal.Depth{Outbox: 1})
		h.settlePart(current, journal.PartOutcome{Sent: true})
		h.wantPartFenced(current)
		h.wantDepth(journal.Depth{})
	},
}

// storePartOn is storeParts for one part on another channel.
func (h *harness) storePartOn(channel, sender, id string) {
	h.Helper()
	m, p := message(sender, "for "+id), part(sender, id)
	m.Channel, p.Channel = channel, channel
	h.enqueue(m)
	h.settle(h.next(m.ID).Claim, journal.Step{
		Parts: []channels.Part{p}, End: &journal.End{Outcome: journal.OutcomeDone},
	})
}

// wantPartFenced checks that the claim of a part can be settled in no way.
func (h *harness) wantPartFenced(c journal.Claim) {
	h.Helper()
	for _, o := range []journal.PartOutcome{
		{Sent: true}, {Dead: true}, {Counts: true, Retry: time.Now().Add(time.Hour)},
	} {
		h.wantErr("SettlePart", h.SettlePart(h.Context(), c, o), journal.ErrFenced)
	}
}
