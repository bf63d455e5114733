package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var forgetQueueTests = map[string]func(*harness){
	// Forget deletes the messages that wait; messages that are stored later are answered.
	"forget: takes what waits in the inbox, and later messages come": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.enqueueNew("bob", "b")
		h.forget()
		h.wantDepth(journal.Depth{Inbox: 1})
		h.next("b")
		h.wantNoTurn()
		h.enqueueNew("ann", "3")
		h.answerInOrder("3")
	},
	// Forget deletes also what waits because its channel is closed.
	"forget: takes what waits for its channel": func(h *harness) {
		h.OpenInbox("phone")
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		h.forget()
		h.wantDepth(journal.Depth{})
		h.OpenInbox("web")
		h.OpenOutbox(Slots("web"))
		h.wantNoTurn()
		h.wantNoPart()
	},
	// Forget ends the claim of a turn that runs: it is fenced, and a message that is stored
	// later is due at once.
	"forget: a claim is lost, and later messages need not wait for it": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		old := h.next("1").Claim
		h.forget()
		h.wantFenced(old)
		h.enqueueNew("ann", "3")
		turn := h.next("3")
		h.wantFenced(old)
		if turn.Row <= old.Row || turn.Token <= old.Token {
			h.Errorf("claim %+v follows %+v", turn.Claim, old)
		}
		h.end(turn.Claim, journal.OutcomeDone)
		h.wantDepth(journal.Depth{})
	},
	// Forget deletes a message that is to be retried; it does not come back when it would
	// be due.
	"forget: takes a message that is to be retried": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.retry(h.next("1").Claim, time.Hour)
		h.forget()
		h.enqueueNew("ann", "3")
		h.end(h.next("3").Claim, journal.OutcomeDone)
		time.Sleep(2 * time.Hour)
		h.wantNoTurn()
	},
	// Callers of Acquire keep their places when Forget deletes the messages between them;
	// the first of them gets the lock.
	"forget: callers that wait stay, and the first of them gets the lock": func(h *harness) {
		h.enqueueNew("ann", "1")
		one := h.startAcquire(h.Context(), 9)
		h.enqueueNew("ann", "2")
		two := h.startAcquire(h.Context(), 9)
		old := h.next("1").Claim
		h.wantBlocked(one)
		h.forget()
		h.wantFenced(old)
		release := h.wantLock(one)
		h.wantBlocked(two)
		h.enqueueNew("ann", "3")
		h.wantNoTurn()
		release()
		h.wantLock(two)()
		h.answerInOrder("3")
	},
	// A caller that waits behind a message that is to be retried gets the lock when Forget
	// deletes the message.
	"forget: a caller behind a message that is to be retried gets the lock": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.retry(h.next("1").Claim, time.Hour)
		behind := h.startAcquire(h.Context(), 9)
		h.forget()
		h.wantLock(behind)()
	},
	// A caller that has the lock keeps it when the conversation is forgotten.
	"forget: a caller that has the lock keeps it": func(h *harness) {
		release := h.wantLock(h.startAcquire(h.Context(), 9))
		behind := h.startAcquire(h.Context(), 9)
		h.enqueueNew("ann", "1")
		h.forget()
		h.wantBlocked(behind)
		release()
		h.wantLock(behind)()
		h.wantNoTurn()
	},
	// Forget deletes the parts that wait, also those that are to be retried; parts that are
	// stored later are sent.
	"forget: takes what waits in the outbox, and later parts come": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a", "b")
		old := h.nextPart("a").Claim
		h.settlePart(old, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		h.forget()
		h.pushParts("2", "c")
		h.sendInOrder("c")
		time.Sleep(2 * time.Hour)
		h.wantNoPart()
		h.wantDepth(journal.Depth{})
	},
	// Forget ends the claim of a part: it is fenced, and a part that is stored later is due
	// at once.
	"forget: a claim of a part is lost, and later parts need not wait for it": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a", "b")
		old := h.nextPart("a").Claim
		h.forget()
		h.wantPartFenced(old)
		h.pushParts("2", "c")
		delivery := h.nextPart("c")
		h.wantPartFenced(old)
		h.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		h.wantDeadLetters()
		h.wantDepth(journal.Depth{})
	},
	// Forget of a conversation of which nothing is kept deletes nothing and succeeds.
	"forget: of a conversation that never was deletes nothing": func(h *harness) {
		h.enqueueNew("bob", "1")
		n, err := h.Forget(h.Context(), channels.Conversation{Channel: "phone", Sender: "bob"})
		h.wantErr("Forget", err, nil)
		h.equal("deleted", n, 0)
		h.next("1")
	},
}
