package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// corruptMessage damages the stored row of ann's message 1, which must come next.
func (h *harness) corruptMessage() {
	h.Helper()
	claim := h.next("1").Claim
	h.retry(claim, time.Minute)
	h.corrupt(h.T, h.Journal, claim.Row, false)
	time.Sleep(time.Minute)
}

// corruptPart damages the stored row of a part, which must come next.
func (h *harness) corruptPart(id string) {
	h.Helper()
	claim := h.nextPart(id).Claim
	h.settlePart(claim, journal.PartOutcome{Retry: time.Now().Add(time.Minute)})
	h.corrupt(h.T, h.Journal, claim.Row, true)
	time.Sleep(time.Minute)
}

// wantUnreadable returns the only dead letter, after it has checked that it is of a row of
// channel "web" that can't be read.
func (h *harness) wantUnreadable() journal.DeadLetter {
	h.Helper()
	list, err := h.DeadLetters(h.Context(), "web", 0, 9)
	if err != nil || len(list) != 1 {
		h.Fatalf("DeadLetters: %+v, error %v", list, err)
	}
	h.equal("kind", list[0].Kind, journal.KindUnreadable)
	if age := time.Since(list[0].Died); age < 0 || age > time.Minute {
		h.Errorf("it became a dead letter %v ago", age)
	}
	return list[0]
}

// dropUnreadable drops the dead letter that wantUnreadable returns.
func (h *harness) dropUnreadable() {
	h.Helper()
	n, err := h.Drop(h.Context(), h.wantUnreadable().ID)
	h.wantErr("Drop", err, nil)
	h.equal("dropped", n, 1)
}

var unreadableTests = map[string]func(*harness){
	// A stored message that can't be read becomes a dead letter with its channel and
	// sender, and the next message of its queue is answered.
	"unreadable: a message is a dead letter, and the next of its queue begins": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.corruptMessage()
		h.answerInOrder("2")
		dead := h.wantUnreadable()
		h.equal("message", dead.Message, &channels.Message{Channel: "web", Sender: "ann"})
		h.equal("part", dead.Part, (*channels.Part)(nil))
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// A stored message that can't be read holds up neither the callers behind it nor other
	// conversations.
	"unreadable: a message lets callers behind it begin, and other queues": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.corruptMessage()
		behind := h.startAcquire(h.Context(), 9)
		h.enqueueNew("bob", "b")
		h.next("b")
		h.wantNoTurn()
		h.wantUnreadable()
		h.wantLock(behind)()
	},
	// A stored part that can't be read becomes a dead letter with its channel and sender,
	// and the next part of its queue is sent.
	"unreadable: a part is a dead letter, and the next of its queue begins": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a", "b")
		h.corruptPart("a")
		h.sendInOrder("b")
		dead := h.wantUnreadable()
		h.equal("part", dead.Part, &channels.Part{Channel: "web", Sender: "ann"})
		h.equal("message", dead.Message, (*channels.Message)(nil))
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// Rows that can't be read become dead letters also when the store is opened again
	// before they are due.
	"unreadable: also once the store is opened again": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.corruptMessage()
		h.pushParts("3", "a", "b")
		h.reopen()
		h.answerInOrder("2")
		h.dropUnreadable()
		h.OpenOutbox(Slots("web"))
		h.corruptPart("a")
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.sendInOrder("b")
		h.dropUnreadable()
		h.wantDepth(journal.Depth{})
	},
	// A row that can't be read appends no event when it becomes a dead letter.
	"unreadable: it appends no event": func(h *harness) {
		h.enqueueNew("ann", "1")
		m := messageEvent("ann", "1")
		h.corruptMessage()
		h.wantNoTurn()
		h.wantEvents(m)
	},
	// Replay of a message that can't be read makes it a dead letter again and holds up
	// nothing.
	"unreadable: replay leaves its queue and the others as they were": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.enqueueNew("ann", "1")
		h.corruptMessage()
		h.wantNoTurn()
		_, err := h.Replay(h.Context(), h.wantUnreadable().ID)
		h.wantErr("Replay", err, nil)
		h.enqueueNew("ann", "2")
		h.answerInOrder("2")
		h.wantUnreadable()
		h.storeParts("ann", "a")
		h.sendInOrder("a")
	},
	// Replay of a part that can't be read makes it a dead letter again and holds up
	// nothing.
	"unreadable: replay of a part leaves its queue and the others as they were": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "x")
		h.corruptPart("x")
		h.wantNoPart()
		_, err := h.Replay(h.Context(), h.wantUnreadable().ID)
		h.wantErr("Replay", err, nil)
		h.pushParts("2", "b")
		h.sendInOrder("b")
		h.wantUnreadable()
		h.enqueueNew("ann", "3")
		h.answerInOrder("3")
	},
	// Dead letters of rows that can't be read are deleted by Drop and by Forget as others
	// are.
	"unreadable: it can be dropped and forgotten": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.corruptMessage()
		h.next("2")
		h.dropUnreadable()
		h.OpenOutbox(Slots("web"))
		h.pushParts("3", "a")
		h.corruptPart("a")
		h.wantNoPart()
		h.wantUnreadable()
		h.forget()
		h.wantDeadLetters()
	},
}
