package journaltest

import (
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// menuPart returns a part of ann's that answers a message and offers one choice, whose payload
// is the part's id.
func menuPart(message, id string) channels.Part {
	p := answerPart(message, id)
	p.Choices = []channels.Choice{{Key: channels.ChoiceKey(id), Title: "title of " + id, Payload: id}}
	return p
}

// answerPart returns a part of ann's that answers a message and offers nothing.
func answerPart(message, id string) channels.Part {
	p := part("ann", id)
	p.MessageID = message
	return p
}

// push pushes parts under the key of the message that they answer.
func (c outboxClient) push(parts ...channels.Part) {
	c.Helper()
	p := pushOf(parts[0].ID)
	p.Parts = parts
	c.pushNew(p)
}

// show checks that these parts come next, and settles them as sent and shown.
func (c outboxClient) show(parts ...channels.Part) {
	c.Helper()
	for _, p := range parts {
		delivery := c.next(p.ID)
		c.equal("part", delivery.Part, p)
		c.settle(delivery.Claim, journal.PartOutcome{Sent: true, Shown: &delivery.Part})
	}
}

// wantChoices checks which parts of ann's have choices that are kept, the newest first, and
// which of them is open, "" for none.
func (h *harness) wantChoices(open string, ids ...string) {
	h.Helper()
	list, err := h.Choices(h.Context(), ann)
	h.wantErr("Choices", err, nil)
	var want []journal.Offer
	for _, id := range ids {
		want = append(want, journal.Offer{Open: id == open, Choices: menuPart("", id).Choices})
	}
	h.equal("choices", list, want)
}

var choiceTests = map[string]func(*harness){
	// The choices of a part are there once it is stored, by Settle and by Push, with all
	// that they have; those of other conversations are not among them.
	"choices: are stored with the part": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{menuPart("1", "a"), answerPart("1", "b"), menuPart("1", "c")}})
		h.wantChoices("", "c", "a")
		h.outbox.push(menuPart("2", "d"))
		h.outbox.pushNew(journal.Push{Key: keyOf("bob", "3"), Window: window, Parts: []channels.Part{fullPart()}})
		h.wantChoices("", "d", "c", "a")
		list, err := h.Choices(h.Context(), bob)
		h.wantErr("Choices", err, nil)
		h.equal("choices", list, []journal.Offer{{Choices: fullPart().Choices}})
	},
	// The choices of a part that grew are stored when it is completed, and none when its row
	// is gone.
	"choices: of a part that grew are stored with its completion": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		claim, live := h.inbox.next("1").Claim, answerPart("1", "a")
		h.inbox.settle(claim, journal.Step{Begin: &live})
		h.wantChoices("")
		done := journal.Completion{ID: "a", Parts: []channels.Part{menuPart("1", "a"), menuPart("1", "b")}}
		h.inbox.settle(claim, journal.Step{Complete: &done})
		h.wantChoices("", "b", "a")
		h.inbox.settle(claim, journal.Step{Complete: &journal.Completion{ID: "c", Parts: []channels.Part{menuPart("1", "c")}}})
		h.wantChoices("", "b", "a")
		h.outbox.show(menuPart("1", "a"))
		h.wantChoices("a", "b", "a")
	},
	// A part that was not sent is not open, whatever becomes of it.
	"choices: of a part that was not sent are not open": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.wantChoices("", "a")
		delivery := h.outbox.next("a")
		h.wantChoices("", "a")
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Retry: time.Now(), Counts: true, Shown: &delivery.Part})
		h.wantChoices("", "a")
		delivery = h.outbox.next("a")
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Dead: true, Shown: &delivery.Part})
		h.wantChoices("", "a")
		h.outbox.push(menuPart("2", "b"), menuPart("2", "c"))
		h.outbox.show(menuPart("2", "b"))
		delivery = h.outbox.next("c")
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Expired: true, Shown: &delivery.Part})
		h.wantChoices("b", "c", "b", "a")
	},
	// The choices of the last part that was sent are open, also when a dead letter was
	// replayed and so was sent after what was stored later.
	"choices: of the part sent last are open": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		h.outbox.push(menuPart("2", "b"))
		h.outbox.show(menuPart("2", "b"))
		h.wantChoices("b", "b", "a")
		h.deadLetters.replay(h.deadLetters.want("a")...)
		h.outbox.show(menuPart("1", "a"))
		h.wantChoices("a", "b", "a")
	},
	// A part without choices closes those of another message, and leaves open those of its
	// own. A part that is not Shown leaves all as it is.
	"choices: are closed by what another message is answered": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"), answerPart("1", "b"))
		h.outbox.show(menuPart("1", "a"), answerPart("1", "b"))
		h.wantChoices("a", "a")
		h.outbox.push(answerPart("2", "c"), answerPart("2", "d"))
		h.outbox.settle(h.outbox.next("c").Claim, journal.PartOutcome{Sent: true})
		h.wantChoices("a", "a")
		h.outbox.show(answerPart("2", "d"))
		h.wantChoices("", "a")
	},
	// A part of which the choices were not shown does not open them.
	"choices: that were not shown are not open": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.show(menuPart("1", "a"))
		h.outbox.push(menuPart("2", "b"))
		delivery := h.outbox.next("b")
		without := delivery.Part
		without.Choices = nil
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Sent: true, Shown: &without})
		h.wantChoices("", "b", "a")
	},
	// Parts of other conversations open and close nothing.
	"choices: of other conversations are not touched": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.show(menuPart("1", "a"))
		p := fullPart()
		h.outbox.pushNew(journal.Push{Key: keyOf("bob", "2"), Window: window, Parts: []channels.Part{p}})
		h.outbox.show(p)
		h.wantChoices("a", "a")
		_, err := h.Forget(h.Context(), bob)
		h.wantErr("Forget", err, nil)
		h.wantChoices("a", "a")
	},
	// Only those of the last MaxOffers parts that had any are kept.
	"choices: of the last parts are kept": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		var want []string
		for i := range journal.MaxOffers + 2 {
			p := menuPart(fmt.Sprint(i), fmt.Sprint("p", i))
			h.outbox.push(p, answerPart(fmt.Sprint(i), fmt.Sprint("a", i)))
			want = append([]string{p.ID}, want...)
			h.outbox.show(p, answerPart(p.MessageID, fmt.Sprint("a", i)))
		}
		h.wantChoices(want[0], want[:journal.MaxOffers]...)
		n, err := h.Forget(h.Context(), ann)
		h.wantErr("Forget", err, nil)
		h.equal("rows that were left", n, journal.MaxOffers)
		h.inbox.enqueueNew("ann", "m")
		var parts []channels.Part
		want = nil
		for i := range journal.MaxOffers + 1 {
			parts = append(parts, menuPart("m", fmt.Sprint("q", i)))
			want = append([]string{parts[i].ID}, want...)
		}
		h.inbox.settle(h.inbox.next("m").Claim, journal.Step{Parts: parts})
		h.wantChoices("", want[:journal.MaxOffers]...)
	},
	// A step, a push and an outcome that change nothing change no choices either.
	"choices: what was not committed stores and opens nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		old := h.inbox.next("1").Claim
		h.inbox.retry(old, 0)
		step := journal.Step{Parts: []channels.Part{menuPart("1", "a")}}
		h.wantErr("Settle", h.Settle(h.Context(), old, step), journal.ErrFenced)
		h.wantChoices("")
		h.outbox.push(menuPart("2", "b"))
		again := pushOf("b")
		again.Parts = []channels.Part{menuPart("2", "c")}
		h.outbox.pushKnown(again)
		h.wantChoices("", "b")
		lost := h.outbox.next("b")
		h.outbox.settle(lost.Claim, journal.PartOutcome{Retry: time.Now()})
		h.wantErr("SettlePart", h.SettlePart(h.Context(), lost.Claim, journal.PartOutcome{Sent: true, Shown: &lost.Part}), journal.ErrFenced)
		h.wantChoices("", "b")
		h.outbox.show(menuPart("2", "b"))
		h.wantChoices("b", "b")
	},
	// Choices are kept for ChoiceRetention from when their part was stored, and are not
	// returned any more then, whether or not Sweep has come.
	"choices: are kept for their time": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.show(menuPart("1", "a"))
		time.Sleep(journal.ChoiceRetention - time.Minute)
		h.outbox.push(menuPart("2", "b"))
		h.sweep()
		h.wantChoices("a", "b", "a")
		time.Sleep(2 * time.Minute)
		h.wantChoices("", "b")
		h.sweep()
		h.wantChoices("", "b")
		n, err := h.Forget(h.Context(), ann)
		h.wantErr("Forget", err, nil)
		h.equal("forgotten: the part and its choices", n, 2)
	},
	// Forget deletes choices, of parts that were sent too.
	"choices: are forgotten with their conversation": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.show(menuPart("1", "a"))
		h.outbox.push(menuPart("2", "b"))
		h.wantChoices("a", "b", "a")
		h.forget()
		h.wantChoices("")
	},
}

var reopenChoiceTests = map[string]func(*harness){
	// Choices are there when the store is opened again, the open ones open.
	"reopen: choices stay, and what is open is": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.show(menuPart("1", "a"))
		h.outbox.push(menuPart("2", "b"))
		h.outbox.next("b") // was on its way
		h.reopen()
		h.wantChoices("a", "b", "a")
		h.OpenOutbox(Slots("web"))
		h.outbox.show(menuPart("2", "b"))
		h.reopen()
		h.wantChoices("b", "b", "a")
	},
	// They are kept also when the text of events is not.
	"reopen: choices stay without the text of events": func(h *harness) {
		h.reopenWith(0)
		h.OpenOutbox(Slots("web"))
		h.outbox.push(menuPart("1", "a"))
		h.outbox.show(menuPart("1", "a"))
		h.wantChoices("a", "a")
	},
}
