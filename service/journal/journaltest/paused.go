package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// pause pauses a conversation now, which must not be paused.
func (h *harness) pause(c channels.Conversation, reason string) {
	h.Helper()
	h.equal("was not paused", h.pauseAgain(c, reason), true)
}

// pauseAgain pauses a conversation now, and reports whether it was not paused before.
func (h *harness) pauseAgain(c channels.Conversation, reason string) bool {
	h.Helper()
	fresh, err := h.PauseConversation(h.Context(), journal.Paused{Conversation: c, Reason: reason, Since: time.Now()})
	h.wantErr("PauseConversation", err, nil)
	return fresh
}

// resume resumes a conversation and checks whether it was paused.
func (h *harness) resume(c channels.Conversation, want bool) {
	h.Helper()
	was, err := h.ResumeConversation(h.Context(), c)
	h.wantErr("ResumeConversation", err, nil)
	h.equal("was paused", was, want)
}

// wantPaused checks that ann's conversation is paused, or is not.
func (h *harness) wantPaused(want bool) {
	h.Helper()
	paused, err := h.IsPaused(h.Context(), ann)
	h.wantErr("IsPaused", err, nil)
	h.equal("paused", paused, want)
}

// wantList checks the list of conversations that are paused, times left out.
func (h *harness) wantList(limit, count int, want ...journal.Paused) {
	h.Helper()
	newest, n, err := h.Paused(h.Context(), limit)
	h.wantErr("Paused", err, nil)
	h.equal("count", n, count)
	h.equal("listed", len(newest), len(want))
	for i := range newest {
		newest[i].Since = time.Time{}
		h.equal("paused", newest[i], want[i])
	}
}

var pausedTests = map[string]func(*harness){
	// A message that is claimed after the pause says so, also one that was stored before, and
	// of no other conversation.
	"paused: a message says so when it is claimed": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.wantPaused(false)
		h.pause(ann, "")
		h.wantPaused(true)
		first := h.inbox.next("1")
		h.equal("stored before", first.Paused, true)
		h.inbox.settle(first.Claim, journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}})
		h.inbox.enqueueNew("bob", "2")
		h.equal("of another conversation", h.inbox.next("2").Paused, false)
		h.inbox.enqueueNew("ann", "3")
		third := h.inbox.next("3")
		h.equal("stored after", third.Paused, true)
		h.resume(ann, true)
		h.wantPaused(false)
		h.inbox.settle(third.Claim, journal.Step{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now()}})
		h.equal("after it was resumed", h.inbox.next("3").Paused, false)
	},
	// So does a message that a waiting caller of Next gets with its Enqueue.
	"paused: a message says so that is claimed as it is stored": func(h *harness) {
		h.pause(ann, "")
		got := make(chan journal.Turn, 1)
		go func() {
			turn, err := h.Next(h.Context())
			h.wantErr("Next", err, nil)
			got <- turn
		}()
		time.Sleep(moment)
		h.inbox.enqueueNew("ann", "1")
		h.equal("paused", (<-got).Paused, true)
	},
	// A caller who has the lock knows of a pause that began before, also when it waited then.
	"paused: a lock says so when it is given": func(h *harness) {
		h.pause(ann, "")
		first := h.asks.acquire()
		h.equal("at once", first.Paused, true)
		second := h.asks.startAcquire(h.Context(), 9)
		second.wantBlocked()
		h.resume(ann, true)
		first.Release()
		time.Sleep(moment)
		release := second.wantLock()
		h.equal("resumed while it waited", second.lock.Paused, false)
		third := h.asks.startAcquire(h.Context(), 9)
		third.wantBlocked()
		h.pause(ann, "")
		release()
		time.Sleep(moment)
		release = third.wantLock()
		h.equal("paused while it waited", third.lock.Paused, true)
		release()
	},
	// The list has the newest, and counts all. Who pauses again changes the reason and not the
	// time.
	"paused: are listed, the newest first": func(h *harness) {
		h.wantList(9, 0)
		x := channels.Conversation{Channel: "phone", Sender: "x"}
		for _, c := range []channels.Conversation{bob, ann, x} {
			h.pause(c, c.Sender)
			time.Sleep(time.Hour)
		}
		phone, b := journal.Paused{Conversation: x, Reason: "x"}, journal.Paused{Conversation: bob, Reason: "bob"}
		before, _, err := h.Paused(h.Context(), 9)
		h.wantErr("Paused", err, nil)
		h.equal("was not paused", h.pauseAgain(ann, "again"), false)
		again := journal.Paused{Conversation: ann, Reason: "again"}
		h.wantList(2, 3, phone, again)
		h.wantList(0, 3)
		h.wantList(9, 3, phone, again, b)
		after, _, err := h.Paused(h.Context(), 9)
		h.wantErr("Paused", err, nil)
		for i := range after {
			h.equal("since", after[i].Since.Equal(before[i].Since), true)
		}
		h.resume(x, true)
		h.resume(x, false)
		h.wantList(9, 2, again, b)
	},
	// Forget ends a pause, counts it, and touches no other. Sweep ends none, however old.
	"paused: until it is forgotten": func(h *harness) {
		h.pause(ann, "")
		h.pause(bob, "")
		time.Sleep(100 * 24 * time.Hour)
		_, err := h.Sweep(h.Context(), 99)
		h.wantErr("Sweep", err, nil)
		h.wantPaused(true)
		n, err := h.Forget(h.Context(), ann)
		h.wantErr("Forget", err, nil)
		h.equal("rows", n, 1)
		h.wantPaused(false)
		h.wantList(9, 1, journal.Paused{Conversation: bob})
		h.inbox.enqueueNew("ann", "1")
		h.equal("paused", h.inbox.next("1").Paused, false)
	},
}

var reopenPausedTests = map[string]func(*harness){
	// A conversation is paused when the store is opened again, with its reason and time.
	"reopen: paused conversations stay": func(h *harness) {
		h.pause(ann, "a")
		h.pause(bob, "")
		h.resume(bob, true)
		before, _, err := h.Paused(h.Context(), 9)
		h.wantErr("Paused", err, nil)
		h.inbox.enqueueNew("ann", "1")
		h.reopen()
		after, n, err := h.Paused(h.Context(), 9)
		h.wantErr("Paused", err, nil)
		h.equal("paused", after, before)
		h.equal("count", n, 1)
		h.equal("message", h.inbox.next("1").Paused, true)
	},
}
