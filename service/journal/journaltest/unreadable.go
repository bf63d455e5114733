package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// corruptMessage damages the stored row of ann's message 1, which must come next.
func corruptMessage(h *harness) {
	h.Helper()
	claim := h.inbox.next("1").Claim
	h.inbox.retry(claim, time.Minute)
	h.corrupt(h.T, h.Journal, claim.Row, false)
	time.Sleep(time.Minute)
}

// corruptPart damages the stored row of a part, which must come next.
func corruptPart(h *harness, id string) {
	h.Helper()
	claim := h.outbox.next(id).Claim
	h.outbox.settle(claim, journal.PartOutcome{Retry: time.Now().Add(time.Minute)})
	h.corrupt(h.T, h.Journal, claim.Row, true)
	time.Sleep(time.Minute)
}

// wantUnreadable returns the only dead letter, after it has checked that it is of a row of
// channel "web" that can't be read.
func wantUnreadable(h *harness) journal.DeadLetter {
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
func dropUnreadable(h *harness) {
	h.Helper()
	n, err := h.Drop(h.Context(), wantUnreadable(h).ID)
	h.wantErr("Drop", err, nil)
	h.equal("dropped", n, 1)
}

var unreadableTests = map[string]func(*harness){
	// A stored message that can't be read becomes a dead letter with its channel and
	// sender, and the next message of its queue is answered.
	"unreadable: a message is a dead letter, and the next of its queue begins": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		corruptMessage(h)
		h.inbox.answerInOrder("2")
		dead := wantUnreadable(h)
		h.equal("message", dead.Message, &channels.Message{Channel: "web", Sender: "ann"})
		h.equal("part", dead.Part, (*channels.Part)(nil))
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// A stored message that can't be read holds up neither the callers behind it nor other
	// conversations.
	"unreadable: a message lets callers behind it begin, and other queues": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		corruptMessage(h)
		behind := h.asks.startAcquire(h.Context(), 9)
		h.inbox.enqueueNew("bob", "b")
		h.inbox.next("b")
		h.inbox.wantNone()
		wantUnreadable(h)
		behind.wantLock()()
	},
	// A stored part that can't be read becomes a dead letter with its channel and sender,
	// and the next part of its queue is sent.
	"unreadable: a part is a dead letter, and the next of its queue begins": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		corruptPart(h, "a")
		h.outbox.sendInOrder("b")
		dead := wantUnreadable(h)
		h.equal("part", dead.Part, &channels.Part{Channel: "web", Sender: "ann"})
		h.equal("message", dead.Message, (*channels.Message)(nil))
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// Rows that can't be read become dead letters also when the store is opened again
	// before they are due.
	"unreadable: also once the store is opened again": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		corruptMessage(h)
		h.outbox.pushParts("3", "a", "b")
		h.reopen()
		h.inbox.answerInOrder("2")
		dropUnreadable(h)
		h.OpenOutbox(Slots("web"))
		corruptPart(h, "a")
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("b")
		dropUnreadable(h)
		h.wantDepth(journal.Depth{})
	},
	// A row that can't be read appends no event when it becomes a dead letter.
	"unreadable: it appends no event": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		m := messageEvent("ann", "1")
		corruptMessage(h)
		h.inbox.wantNone()
		h.events.want(m)
	},
	// Replay of a message that can't be read makes it a dead letter again and holds up
	// nothing.
	"unreadable: replay leaves its queue and the others as they were": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		corruptMessage(h)
		h.inbox.wantNone()
		_, err := h.Replay(h.Context(), wantUnreadable(h).ID)
		h.wantErr("Replay", err, nil)
		h.inbox.enqueueNew("ann", "2")
		h.inbox.answerInOrder("2")
		wantUnreadable(h)
		h.outbox.storeParts("ann", "a")
		h.outbox.sendInOrder("a")
	},
	// Replay of a part that can't be read makes it a dead letter again and holds up
	// nothing.
	"unreadable: replay of a part leaves its queue and the others as they were": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "x")
		corruptPart(h, "x")
		h.outbox.wantNone()
		_, err := h.Replay(h.Context(), wantUnreadable(h).ID)
		h.wantErr("Replay", err, nil)
		h.outbox.pushParts("2", "b")
		h.outbox.sendInOrder("b")
		wantUnreadable(h)
		h.inbox.enqueueNew("ann", "3")
		h.inbox.answerInOrder("3")
	},
	// Dead letters of rows that can't be read are deleted by Drop and by Forget as others
	// are.
	"unreadable: it can be dropped and forgotten": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		corruptMessage(h)
		h.inbox.next("2")
		dropUnreadable(h)
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("3", "a")
		corruptPart(h, "a")
		h.outbox.wantNone()
		wantUnreadable(h)
		h.forget()
		h.deadLetters.want()
	},
}
