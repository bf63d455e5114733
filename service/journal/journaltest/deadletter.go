package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var deadLetterTests = map[string]func(*harness){
	// DeadLetters lists those with an id above the given one, by id, up to the limit.
	"dead letters: are listed by id, page by page": func(h *harness) {
		h.deadLetters.add("1", "2", "3")
		list := h.deadLetters.want("1", "2", "3")
		page, err := h.DeadLetters(h.Context(), "", list[0].ID, 1)
		h.wantErr("DeadLetters", err, nil)
		h.equal("page", page, list[1:2])
		page, err = h.DeadLetters(h.Context(), "", list[2].ID, 1)
		h.wantErr("DeadLetters", err, nil)
		h.equal("page", len(page), 0)
	},
	// Replayed messages are answered in their original order, before everything that waits
	// in their conversation.
	"dead letters: replay keeps their order and goes before what waits": func(h *harness) {
		h.deadLetters.add("1", "2", "3")
		h.inbox.enqueueNew("ann", "4", "5")
		list := h.deadLetters.want("1", "2", "3")
		h.deadLetters.replay(list[2], list[0], list[1])
		h.deadLetters.want()
		h.inbox.answerInOrder("1", "2", "3", "4", "5")
	},
	// A message that was replayed and failed again keeps its original place among the
	// others.
	"dead letters: replay keeps the order also of what failed again": func(h *harness) {
		h.deadLetters.add("1", "2")
		h.deadLetters.replay(h.deadLetters.want("1", "2")[0])
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.inbox.enqueueNew("ann", "3")
		list := h.deadLetters.want("2", "1")
		h.deadLetters.replay(list...)
		h.inbox.answerInOrder("1", "2", "3")
	},
	// A replayed message waits for the turn that runs, and is answered before that turn's
	// retry.
	"dead letters: replay waits for the turn that runs, and goes before its retry": func(h *harness) {
		h.deadLetters.add("1")
		h.inbox.enqueueNew("ann", "2", "3")
		turn := h.inbox.next("2")
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.inbox.wantNone()
		h.inbox.retry(turn.Claim, 0)
		h.inbox.answerInOrder("1", "2", "3")
	},
	// A replayed message does not wait for a message that is to be retried, nor for callers
	// behind it.
	"dead letters: replay goes before callers that wait, and before a message that is to be retried": func(h *harness) {
		h.deadLetters.add("1")
		h.inbox.enqueueNew("ann", "2")
		h.inbox.retry(h.inbox.next("2").Claim, time.Hour)
		behind := h.asks.startAcquire(h.Context(), 9)
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.inbox.answerInOrder("1")
		behind.wantBlocked()
		time.Sleep(time.Hour)
		h.inbox.answerInOrder("2")
		behind.wantLock()()
	},
	// A replayed message waits until the lock is released, and is answered before the
	// callers that wait for it.
	"dead letters: replay waits for the caller that has the lock, and goes before those that wait": func(h *harness) {
		h.deadLetters.add("1")
		release := h.asks.startAcquire(h.Context(), 9).wantLock()
		behind := h.asks.startAcquire(h.Context(), 9)
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.inbox.wantNone()
		release()
		behind.wantBlocked()
		h.inbox.answerInOrder("1")
		behind.wantLock()()
	},
	// A replay is not taken for a repeat; the message is a new row with nothing tried and
	// nothing shown, and claims of the old row are lost.
	"dead letters: replay bypasses the known keys and begins anew": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.inbox.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeInterrupted)
		h.deadLetters.replay(h.deadLetters.want("1")...)
		again := h.inbox.next("1")
		h.equal("attempt and shown", []int{again.Attempt, again.Shown}, []int{1, 0})
		if again.Row <= turn.Row {
			h.Errorf("row %d is used again after %d", again.Row, turn.Row)
		}
		h.wantErr("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
	},
	// Replayed parts are sent in their original order, before everything that waits in
	// their conversation, and with no attempt counted.
	"dead letters: replay of parts keeps their order and goes before what waits": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1", "a2", "a3")
		for _, id := range []string{"a1", "a2"} {
			h.outbox.settle(h.outbox.next(id).Claim, journal.PartOutcome{Counts: true})
			h.outbox.settle(h.outbox.next(id).Claim, journal.PartOutcome{Dead: true})
		}
		list := h.deadLetters.want("a1", "a2")
		h.deadLetters.replay(list[1], list[0])
		for _, id := range []string{"a1", "a2", "a3"} {
			delivery := h.outbox.next(id)
			h.equal("attempts", delivery.Attempts, 0)
			h.outbox.settle(delivery.Claim, journal.PartOutcome{Sent: true})
		}
		h.wantDepth(journal.Depth{})
	},
	// The age of what was replayed is counted from the replay.
	"dead letters: what is replayed counts as stored at the replay": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.deadLetters.add("1")
		h.outbox.storeParts("ann", "a")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		h.deadLetters.replay(h.deadLetters.want("1", "a")...)
		for _, stored := range []time.Time{h.inbox.next("1").Stored, h.outbox.next("a").Stored} {
			if age := time.Since(stored); age < 0 || age > time.Minute {
				h.Errorf("it was stored %v ago", age)
			}
		}
	},
	// Replay and Drop leave out ids that they do not know or were given twice, and return
	// how many they found.
	"dead letters: unknown and repeated ids are left out": func(h *harness) {
		h.deadLetters.add("1", "2", "3")
		list := h.deadLetters.want("1", "2", "3")
		n, err := h.Replay(h.Context(), list[0].ID, 999, list[0].ID)
		h.wantErr("Replay", err, nil)
		h.equal("replayed", n, 1)
		n, err = h.Drop(h.Context(), list[0].ID, list[1].ID, list[1].ID, 999)
		h.wantErr("Drop", err, nil)
		h.equal("dropped", n, 1)
		h.deadLetters.want("3")
		h.wantDepth(journal.Depth{Inbox: 1, DeadLetters: 1})
	},
	// DeadLetters of one channel lists that channel's messages and parts only, by id, up to
	// the limit.
	"dead letters: are listed by channel, page by page": func(h *harness) {
		h.deadLetters.add("1")
		h.deadLetters.addOn("phone", "2")
		h.deadLetters.add("3")
		h.deadLetters.addOn("phone", "4")
		h.OpenOutbox(Slots("phone"))
		h.outbox.storePartOn("phone", "bob", "a")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		list := h.deadLetters.want("1", "2", "3", "4", "a")
		h.deadLetters.wantOf("web", "1", "3")
		h.deadLetters.wantOf("phone", "2", "4", "a")
		h.deadLetters.wantOf("mail")
		page, err := h.DeadLetters(h.Context(), "phone", list[0].ID, 2)
		h.wantErr("DeadLetters", err, nil)
		h.equal("page", page, []journal.DeadLetter{list[1], list[3]})
		page, err = h.DeadLetters(h.Context(), "phone", list[3].ID, 2)
		h.wantErr("DeadLetters", err, nil)
		h.equal("page", page, list[4:])
	},
}
