package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var forgetQueueTests = map[string]func(*harness){
	// Forget deletes the messages that wait; messages that are stored later are answered.
	"forget: takes what waits in the inbox, and later messages come": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.enqueueNew("bob", "b")
		h.forget()
		h.wantDepth(journal.Depth{Inbox: 1})
		h.inbox.next("b")
		h.inbox.wantNone()
		h.inbox.enqueueNew("ann", "3")
		h.inbox.answerInOrder("3")
	},
	// Forget deletes also what waits because its channel is closed.
	"forget: takes what waits for its channel": func(h *harness) {
		h.OpenInbox("phone")
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		h.forget()
		h.wantDepth(journal.Depth{})
		h.OpenInbox("web")
		h.OpenOutbox(Slots("web"))
		h.inbox.wantNone()
		h.outbox.wantNone()
	},
	// Forget ends the claim of a turn that runs: it is fenced, and a message that is stored
	// later is due at once.
	"forget: a claim is lost, and later messages need not wait for it": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		old := h.inbox.next("1").Claim
		h.forget()
		h.inbox.wantFenced(old)
		h.inbox.enqueueNew("ann", "3")
		turn := h.inbox.next("3")
		h.inbox.wantFenced(old)
		if turn.Row <= old.Row || turn.Token <= old.Token {
			h.Errorf("claim %+v follows %+v", turn.Claim, old)
		}
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.wantDepth(journal.Depth{})
	},
	// Forget deletes a message that is to be retried; it does not come back when it would
	// be due.
	"forget: takes a message that is to be retried": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.retry(h.inbox.next("1").Claim, time.Hour)
		h.forget()
		h.inbox.enqueueNew("ann", "3")
		h.inbox.end(h.inbox.next("3").Claim, journal.OutcomeDone)
		time.Sleep(2 * time.Hour)
		h.inbox.wantNone()
	},
	// Callers of Acquire keep their places when Forget deletes the messages between them;
	// the first of them gets the lock.
	"forget: callers that wait stay, and the first of them gets the lock": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		one := h.asks.startAcquire(h.Context(), 9)
		h.inbox.enqueueNew("ann", "2")
		two := h.asks.startAcquire(h.Context(), 9)
		old := h.inbox.next("1").Claim
		one.wantBlocked()
		h.forget()
		h.inbox.wantFenced(old)
		release := one.wantLock()
		two.wantBlocked()
		h.inbox.enqueueNew("ann", "3")
		h.inbox.wantNone()
		release()
		two.wantLock()()
		h.inbox.answerInOrder("3")
	},
	// A caller that waits behind a message that is to be retried gets the lock when Forget
	// deletes the message.
	"forget: a caller behind a message that is to be retried gets the lock": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.retry(h.inbox.next("1").Claim, time.Hour)
		behind := h.asks.startAcquire(h.Context(), 9)
		h.forget()
		behind.wantLock()()
	},
	// A caller that has the lock keeps it when the conversation is forgotten.
	"forget: a caller that has the lock keeps it": func(h *harness) {
		release := h.asks.startAcquire(h.Context(), 9).wantLock()
		behind := h.asks.startAcquire(h.Context(), 9)
		h.inbox.enqueueNew("ann", "1")
		h.forget()
		behind.wantBlocked()
		release()
		behind.wantLock()()
		h.inbox.wantNone()
	},
	// Forget deletes the parts that wait, also those that are to be retried; parts that are
	// stored later are sent.
	"forget: takes what waits in the outbox, and later parts come": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		old := h.outbox.next("a").Claim
		h.outbox.settle(old, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		h.forget()
		h.outbox.pushParts("2", "c")
		h.outbox.sendInOrder("c")
		time.Sleep(2 * time.Hour)
		h.outbox.wantNone()
		h.wantDepth(journal.Depth{})
	},
	// Forget ends the claim of a part: it is fenced, and a part that is stored later is due
	// at once.
	"forget: a claim of a part is lost, and later parts need not wait for it": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a", "b")
		old := h.outbox.next("a").Claim
		h.forget()
		h.outbox.wantFenced(old)
		h.outbox.pushParts("2", "c")
		delivery := h.outbox.next("c")
		h.outbox.wantFenced(old)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Sent: true})
		h.deadLetters.want()
		h.wantDepth(journal.Depth{})
	},
	// Forget of a conversation of which nothing is kept deletes nothing and succeeds.
	"forget: of a conversation that never was deletes nothing": func(h *harness) {
		h.inbox.enqueueNew("bob", "1")
		n, err := h.Forget(h.Context(), channels.Conversation{Channel: "phone", Sender: "bob"})
		h.wantErr("Forget", err, nil)
		h.equal("deleted", n, 0)
		h.inbox.next("1")
	},
}
