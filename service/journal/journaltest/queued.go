package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

var queuedTests = map[string]func(*harness){
	// Queued counts the stored messages of one conversation, claimed ones and those to be
	// retried included, and neither those of others nor callers of Acquire.
	"queued: counts what is stored, claimed or to be retried, of one conversation": func(h *harness) {
		h.inbox.wantQueued(ann, 9, 0)
		h.inbox.enqueueNew("ann", "1", "2", "3")
		h.inbox.wantQueued(ann, 9, 3)
		h.inbox.wantQueued(bob, 9, 0)
		turn := h.inbox.next("1")
		h.inbox.wantQueued(ann, 9, 3)
		h.inbox.retry(turn.Claim, time.Hour)
		h.inbox.wantQueued(ann, 9, 3)
		behind := h.asks.startAcquire(h.Context(), 9)
		h.inbox.wantQueued(ann, 9, 3)
		time.Sleep(time.Hour)
		h.inbox.answerInOrder("1", "2", "3")
		h.inbox.wantQueued(ann, 9, 0)
		behind.wantLock()()
	},
	// Queued counts no further than the limit.
	"queued: counts no further than the limit": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2", "3")
		h.inbox.wantQueued(ann, 2, 2)
		h.inbox.wantQueued(ann, 3, 3)
	},
	// A dead letter is not counted until it is replayed, and what was forgotten is not.
	"queued: counts what was replayed, and not what was given up or forgotten": func(h *harness) {
		h.deadLetters.add("1")
		h.inbox.wantQueued(ann, 9, 0)
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.inbox.enqueueNew("ann", "2")
		h.inbox.wantQueued(ann, 9, 2)
		h.forget()
		h.inbox.wantQueued(ann, 9, 0)
	},
}

var refuseTests = map[string]func(*harness){
	// A refused message is a dead letter of KindRefused, unchanged; it is not given out and
	// nobody waits for it.
	"refuse: a message is a dead letter, and is not given out": func(h *harness) {
		h.inbox.refuse(9, 1, fullMessage())
		h.inbox.wantNone()
		h.inbox.wantQueued(ann, 9, 0)
		dead := h.deadLetters.want(fullMessage().ID)[0]
		h.equal("kind", dead.Kind, journal.KindRefused)
		h.equal("reason", dead.Reason, journal.ReasonRefused)
		h.equal("message", *dead.Message, fullMessage())
		if age := time.Since(dead.Died); age < 0 || age > time.Second {
			h.Errorf("it became a dead letter %v ago", age)
		}
		refused := fullMessage()
		h.events.want(journal.RefusedEvent(&refused, dead.Died))
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// A refused message's key is known afterwards, so that it is not stored when it comes
	// again; one whose key is known already is left out.
	"refuse: the key is known, and known ones are left out": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.refuse(9, 1, message("ann", "1"), message("ann", "2"))
		h.inbox.refuse(9, 0, message("ann", "2"))
		h.equal("fresh", h.inbox.enqueue(message("ann", "2"), message("ann", "3")), []bool{false, true})
		h.deadLetters.want("2")
		h.inbox.answerInOrder("1", "3")
	},
	// A message whose conversation has limit dead letters of KindRefused is dropped, and its
	// key is not kept. Dead letters of other kinds, and of other conversations, do not count.
	"refuse: no more of a conversation are kept than the limit": func(h *harness) {
		h.deadLetters.add("0")
		h.inbox.refuse(2, 2, message("ann", "1"), message("ann", "2"), message("ann", "3"))
		h.inbox.refuse(2, 1, message("ann", "4"), message("bob", "b"))
		list := h.deadLetters.want("0", "1", "2", "b")
		_, err := h.Drop(h.Context(), list[1].ID)
		h.wantErr("Drop", err, nil)
		h.inbox.refuse(2, 1, message("ann", "3"), message("ann", "4"))
		h.deadLetters.want("0", "2", "b", "3")
	},
	// A refused message that is replayed is answered where it would have stood, had it been
	// stored: behind what was stored before it, and before what was stored after it.
	"refuse: replay puts it where it would have stood": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.refuse(9, 1, message("ann", "2"))
		h.inbox.enqueueNew("ann", "3")
		h.deadLetters.replay(h.deadLetters.want("2")...)
		h.inbox.answerInOrder("1", "2", "3")
	},
	// When the context has ended, Refuse changes nothing and returns its error.
	"refuse: heeds its context": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		_, err := h.Refuse(ctx, 9, entries(message("ann", "1"))...)
		h.wantErr("Refuse", err, context.Canceled)
		h.deadLetters.want()
	},
}
