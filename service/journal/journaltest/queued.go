package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// bob is another conversation than ann.
var bob = channels.Conversation{Channel: "web", Sender: "bob"}

// wantQueued checks how many messages of the conversation are stored.
func (h *harness) wantQueued(c channels.Conversation, limit, want int) {
	h.Helper()
	n, err := h.Queued(h.Context(), c, limit)
	h.wantErr("Queued", err, nil)
	h.equal("queued", n, want)
}

var queuedTests = map[string]func(*harness){
	// Queued counts the stored messages of one conversation, claimed ones and those to be
	// retried included, and neither those of others nor callers of Acquire.
	"queued: counts what is stored, claimed or to be retried, of one conversation": func(h *harness) {
		h.wantQueued(ann, 9, 0)
		h.enqueueNew("ann", "1", "2", "3")
		h.wantQueued(ann, 9, 3)
		h.wantQueued(bob, 9, 0)
		turn := h.next("1")
		h.wantQueued(ann, 9, 3)
		h.retry(turn.Claim, time.Hour)
		h.wantQueued(ann, 9, 3)
		behind := h.startAcquire(h.Context(), 9)
		h.wantQueued(ann, 9, 3)
		time.Sleep(time.Hour)
		h.answerInOrder("1", "2", "3")
		h.wantQueued(ann, 9, 0)
		h.wantLock(behind)()
	},
	// Queued counts no further than the limit.
	"queued: counts no further than the limit": func(h *harness) {
		h.enqueueNew("ann", "1", "2", "3")
		h.wantQueued(ann, 2, 2)
		h.wantQueued(ann, 3, 3)
	},
	// A dead letter is not counted until it is replayed, and what was forgotten is not.
	"queued: counts what was replayed, and not what was given up or forgotten": func(h *harness) {
		h.makeDeadLetters("1")
		h.wantQueued(ann, 9, 0)
		h.replay(h.wantDeadLetters("1")...)
		h.enqueueNew("ann", "2")
		h.wantQueued(ann, 9, 2)
		h.forget()
		h.wantQueued(ann, 9, 0)
	},
}

// refuse refuses messages and checks how many were kept.
func (h *harness) refuse(limit, want int, ms ...channels.Message) {
	h.Helper()
	kept, err := h.Refuse(h.Context(), limit, entries(ms...)...)
	h.wantErr("Refuse", err, nil)
	h.equal("kept", kept, want)
}

var refuseTests = map[string]func(*harness){
	// A refused message is a dead letter of KindRefused, unchanged; it is not given out and
	// nobody waits for it.
	"refuse: a message is a dead letter, and is not given out": func(h *harness) {
		h.refuse(9, 1, fullMessage())
		h.wantNoTurn()
		h.wantQueued(ann, 9, 0)
		dead := h.wantDeadLetters(fullMessage().ID)[0]
		h.equal("kind", dead.Kind, journal.KindRefused)
		h.equal("reason", dead.Reason, journal.ReasonRefused)
		h.equal("message", *dead.Message, fullMessage())
		if age := time.Since(dead.Died); age < 0 || age > time.Second {
			h.Errorf("it became a dead letter %v ago", age)
		}
		h.wantEvents()
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// A refused message's key is known afterwards, so that it is not stored when it comes
	// again; one whose key is known already is left out.
	"refuse: the key is known, and known ones are left out": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.refuse(9, 1, message("ann", "1"), message("ann", "2"))
		h.refuse(9, 0, message("ann", "2"))
		h.equal("fresh", h.enqueue(message("ann", "2"), message("ann", "3")), []bool{false, true})
		h.wantDeadLetters("2")
		h.answerInOrder("1", "3")
	},
	// A message whose conversation has limit dead letters of KindRefused is dropped, and its
	// key is not kept. Dead letters of other kinds, and of other conversations, do not count.
	"refuse: no more of a conversation are kept than the limit": func(h *harness) {
		h.makeDeadLetters("0")
		h.refuse(2, 2, message("ann", "1"), message("ann", "2"), message("ann", "3"))
		h.refuse(2, 1, message("ann", "4"), message("bob", "b"))
		list := h.wantDeadLetters("0", "1", "2", "b")
		_, err := h.Drop(h.Context(), list[1].ID)
		h.wantErr("Drop", err, nil)
		h.refuse(2, 1, message("ann", "3"), message("ann", "4"))
		h.wantDeadLetters("0", "2", "b", "3")
	},
	// A refused message that is replayed is answered where it would have stood, had it been
	// stored: behind what was stored before it, and before what was stored after it.
	"refuse: replay puts it where it would have stood": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.refuse(9, 1, message("ann", "2"))
		h.enqueueNew("ann", "3")
		h.replay(h.wantDeadLetters("2")...)
		h.answerInOrder("1", "2", "3")
	},
	// When the context has ended, Refuse changes nothing and returns its error.
	"refuse: heeds its context": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		_, err := h.Refuse(ctx, 9, entries(message("ann", "1"))...)
		h.wantErr("Refuse", err, context.Canceled)
		h.wantDeadLetters()
	},
}
