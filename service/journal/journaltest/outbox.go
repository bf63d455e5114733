package journaltest

import (
	"encoding/json"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// fullPart sets every field that a part of one kind may have, and more.
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

var outboxTests = map[string]func(*desk){
	"outbox: a part comes back as it was stored": func(d *desk) {
		d.OpenOutbox("web")
		d.put("ann", "1")
		d.settle(d.next("1").Claim, journal.Step{Parts: []channels.Part{fullPart()}})
		delivery := d.nextPart("full")
		d.same("part", delivery.Part, fullPart())
		d.same("attempts", delivery.Attempts, 0)
		if age := time.Since(delivery.Stored); age < 0 || age > time.Second {
			d.Errorf("it was stored %v ago", age)
		}
	},
	"outbox: a conversation's parts come one at a time, conversations side by side": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1", "a2")
		d.say("bob", "b1")
		d.say("ann", "a3")
		first := d.deliveries("a1", "b1")["a1"]
		d.noPart()
		d.settlePart(first.Claim, journal.PartOutcome{Sent: true})
		d.settlePart(d.nextPart("a2").Claim, journal.PartOutcome{Sent: true})
		d.settlePart(d.nextPart("a3").Claim, journal.PartOutcome{Sent: true})
		d.depth(journal.Depth{Outbox: 1})
	},
	"outbox: a part wakes who waits for it": func(d *desk) {
		d.OpenOutbox("web")
		got := make(chan string)
		go func() {
			delivery, err := d.NextPart(d.Context())
			d.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		d.say("ann", "a1")
		d.same("part", <-got, "a1")
	},
	"outbox: parts of a closed channel wait and block no other": func(d *desk) {
		d.say("ann", "a1", "a2")
		d.noPart()
		d.OpenOutbox("phone")
		d.noPart()
		d.OpenOutbox("phone", "web")
		first := d.nextPart("a1")
		d.OpenOutbox("phone")
		d.settlePart(first.Claim, journal.PartOutcome{Sent: true})
		d.noPart()
		d.sayOn("phone", "bob", "b1")
		d.settlePart(d.nextPart("b1").Claim, journal.PartOutcome{Sent: true})
		d.OpenOutbox("web")
		d.nextPart("a2")
	},
	"outbox: opening a channel wakes who waits for its parts": func(d *desk) {
		d.say("ann", "a1")
		got := make(chan string)
		go func() {
			delivery, err := d.NextPart(d.Context())
			d.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		d.noPart()
		d.OpenOutbox("web")
		d.same("part", <-got, "a1")
	},
	"outbox: a retry stays first, counts when it says so, and blocks its own line only": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1", "a2")
		d.say("bob", "b1")
		first := d.deliveries("a1", "b1")["a1"]
		d.settlePart(first.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour), Counts: true})
		d.noPart()
		time.Sleep(time.Hour)
		delivery := d.nextPart("a1")
		d.same("attempts", delivery.Attempts, 1)
		d.settlePart(delivery.Claim, journal.PartOutcome{Retry: time.Now()})
		delivery = d.nextPart("a1")
		d.same("attempts", delivery.Attempts, 1)
		d.settlePart(delivery.Claim, journal.PartOutcome{Counts: true})
		d.same("attempts", d.nextPart("a1").Attempts, 2)
		d.noPart()
	},
	"outbox: the retry of a part that was waited for counts too": func(d *desk) {
		d.OpenOutbox("web")
		parts := make(chan journal.Delivery)
		go func() {
			delivery, err := d.NextPart(d.Context())
			d.check("NextPart", err)
			parts <- delivery
		}()
		synctest.Wait()
		d.say("ann", "a1")
		d.settlePart((<-parts).Claim, journal.PartOutcome{Counts: true})
		d.same("attempts", d.nextPart("a1").Attempts, 1)
	},
	"outbox: a retry of a channel that closed waits for the channel": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1")
		d.settlePart(d.nextPart("a1").Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		d.OpenOutbox()
		time.Sleep(2 * time.Hour)
		d.noPart()
		d.OpenOutbox("web")
		d.nextPart("a1")
	},
	"outbox: a dead part is a dead letter, and the next begins": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1", "a2")
		d.settlePart(d.nextPart("a1").Claim, journal.PartOutcome{Dead: true, Reason: "because"})
		d.nextPart("a2")
		letter := d.dead("a1")[0]
		d.same("kind", letter.Kind, journal.KindUndelivered)
		d.same("reason", letter.Reason, "because")
		d.same("part", *letter.Part, part("ann", "a1"))
		d.depth(journal.Depth{Outbox: 1, DeadLetters: 1})
	},
	"outbox: a claim that ended or never was is fenced, and changes nothing": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1")
		old := d.nextPart("a1").Claim
		d.settlePart(old, journal.PartOutcome{})
		d.fencedPart(old)
		current := d.nextPart("a1").Claim
		if current.Row != old.Row || current.Token <= old.Token {
			d.Errorf("claim %+v follows %+v", current, old)
		}
		d.fencedPart(old)
		d.fencedPart(journal.Claim{Row: current.Row + 1, Token: current.Token})
		d.depth(journal.Depth{Outbox: 1})
		d.settlePart(current, journal.PartOutcome{Sent: true})
		d.fencedPart(current)
		d.depth(journal.Depth{})
	},
}

// sayOn is say on another channel.
func (d *desk) sayOn(channel, sender, id string) {
	d.Helper()
	m, p := message(sender, "for "+id), part(sender, id)
	m.Channel, p.Channel = channel, channel
	d.enqueue(m)
	d.settle(d.next(m.ID).Claim, journal.Step{
		Parts: []channels.Part{p}, End: &journal.End{Outcome: journal.OutcomeDone},
	})
}

// fencedPart checks that the claim can't be settled in any way.
func (d *desk) fencedPart(c journal.Claim) {
	d.Helper()
	for _, o := range []journal.PartOutcome{
		{Sent: true}, {Dead: true}, {Counts: true, Retry: time.Now().Add(time.Hour)},
	} {
		d.is("SettlePart", d.SettlePart(d.Context(), c, o), journal.ErrFenced)
	}
}
