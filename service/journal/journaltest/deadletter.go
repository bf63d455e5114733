package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// wantDeadLetters returns all dead letters, after it has checked that they are those of
// the messages and parts with the ids, in this order.
func (h *harness) wantDeadLetters(ids ...string) []journal.DeadLetter {
	h.Helper()
	return h.wantDeadLettersOf("", ids...)
}

// wantDeadLettersOf is wantDeadLetters of one channel.
func (h *harness) wantDeadLettersOf(channel string, ids ...string) []journal.DeadLetter {
	h.Helper()
	list, err := h.DeadLetters(h.Context(), channel, 0, 100)
	if err != nil {
		h.Fatalf("DeadLetters: %v", err)
	}
	var got []string
	for _, l := range list {
		if l.Message != nil {
			got = append(got, l.Message.ID)
		} else {
			got = append(got, l.Part.ID)
		}
	}
	h.equal("dead letters", got, ids)
	return list
}

// replay puts dead letters back into their queues; all must be known.
func (h *harness) replay(list ...journal.DeadLetter) {
	h.Helper()
	ids := make([]int64, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	n, err := h.Replay(h.Context(), ids...)
	if err != nil || n != len(ids) {
		h.Fatalf("Replay puts back %d of %d, error %v", n, len(ids), err)
	}
}

// makeDeadLetters stores messages of ann's and lets their turns fail.
func (h *harness) makeDeadLetters(ids ...string) {
	h.Helper()
	for _, id := range ids {
		h.enqueueNew("ann", id)
		h.end(h.next(id).Claim, journal.OutcomeFailed)
	}
}

// answerInOrder checks that these messages come next, one at a time, and answers them.
func (h *harness) answerInOrder(ids ...string) {
	h.Helper()
	for _, id := range ids {
		turn := h.next(id)
		h.wantNoTurn()
		h.end(turn.Claim, journal.OutcomeDone)
	}
	h.wantNoTurn()
}

var deadLetterTests = map[string]func(*harness){
	// DeadLetters lists those with an id above the given one, by id, up to the limit.
	"dead letters: are listed by id, page by page": func(h *harness) {
		h.makeDeadLetters("1", "2", "3")
		list := h.wantDeadLetters("1", "2", "3")
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
		h.makeDeadLetters("1", "2", "3")
		h.enqueueNew("ann", "4", "5")
		list := h.wantDeadLetters("1", "2", "3")
		h.replay(list[2], list[0], list[1])
		h.wantDeadLetters()
		h.answerInOrder("1", "2", "3", "4", "5")
	},
	// A message that was replayed and failed again keeps its original place among the
	// others.
	"dead letters: replay keeps the order also of what failed again": func(h *harness) {
		h.makeDeadLetters("1", "2")
		h.replay(h.wantDeadLetters("1", "2")[0])
		h.end(h.next("1").Claim, journal.OutcomeFailed)
		h.enqueueNew("ann", "3")
		list := h.wantDeadLetters("2", "1")
		h.replay(list...)
		h.answerInOrder("1", "2", "3")
	},
	// A replayed message waits for the turn that runs, and is answered before that turn's
	// retry.
	"dead letters: replay waits for the turn that runs, and goes before its retry": func(h *harness) {
		h.makeDeadLetters("1")
		h.enqueueNew("ann", "2", "3")
		turn := h.next("2")
		h.replay(h.wantDeadLetters("1")...)
		h.wantNoTurn()
		h.retry(turn.Claim, 0)
		h.answerInOrder("1", "2", "3")
	},
	// A replayed message does not wait for a message that is to be retried, nor for callers
	// behind it.
	"dead letters: replay goes before callers that wait, and before a message that is to be retried": func(h *harness) {
		h.makeDeadLetters("1")
		h.enqueueNew("ann", "2")
		h.retry(h.next("2").Claim, time.Hour)
		behind := h.startAcquire(h.Context(), 9)
		h.replay(h.wantDeadLetters("1")...)
		h.answerInOrder("1")
		h.wantBlocked(behind)
		time.Sleep(time.Hour)
		h.answerInOrder("2")
		h.wantLock(behind)()
	},
	// A replayed message waits until the lock is released, and is answered before the
	// callers that wait for it.
	"dead letters: replay waits for the caller that has the lock, and goes before those that wait": func(h *harness) {
		h.makeDeadLetters("1")
		release := h.wantLock(h.startAcquire(h.Context(), 9))
		behind := h.startAcquire(h.Context(), 9)
		h.replay(h.wantDeadLetters("1")...)
		h.wantNoTurn()
		release()
		h.wantBlocked(behind)
		h.answerInOrder("1")
		h.wantLock(behind)()
	},
	// A replay is not taken for a repeat; the message is a new row with nothing tried and
	// nothing shown, and claims of the old row are lost.
	"dead letters: replay bypasses the known keys and begins anew": func(h *harness) {
		h.enqueueNew("ann", "1")
		turn := h.next("1")
		h.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		h.end(h.next("1").Claim, journal.OutcomeInterrupted)
		h.replay(h.wantDeadLetters("1")...)
		again := h.next("1")
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
		h.storeParts("ann", "a1", "a2", "a3")
		for _, id := range []string{"a1", "a2"} {
			h.settlePart(h.nextPart(id).Claim, journal.PartOutcome{Counts: true})
			h.settlePart(h.nextPart(id).Claim, journal.PartOutcome{Dead: true})
		}
		list := h.wantDeadLetters("a1", "a2")
		h.replay(list[1], list[0])
		for _, id := range []string{"a1", "a2", "a3"} {
			delivery := h.nextPart(id)
			h.equal("attempts", delivery.Attempts, 0)
			h.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		}
		h.wantDepth(journal.Depth{})
	},
	// The age of what was replayed is counted from the replay.
	"dead letters: what is replayed counts as stored at the replay": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.makeDeadLetters("1")
		h.storeParts("ann", "a")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		h.replay(h.wantDeadLetters("1", "a")...)
		for _, stored := range []time.Time{h.next("1").Stored, h.nextPart("a").Stored} {
			if age := time.Since(stored); age < 0 || age > time.Minute {
				h.Errorf("it was stored %v ago", age)
			}
		}
	},
	// Replay and Drop leave out ids that they do not know or were given twice, and return
	// how many they found.
	"dead letters: unknown and repeated ids are left out": func(h *harness) {
		h.makeDeadLetters("1", "2", "3")
		list := h.wantDeadLetters("1", "2", "3")
		n, err := h.Replay(h.Context(), list[0].ID, 999, list[0].ID)
		h.wantErr("Replay", err, nil)
		h.equal("replayed", n, 1)
		n, err = h.Drop(h.Context(), list[0].ID, list[1].ID, list[1].ID, 999)
		h.wantErr("Drop", err, nil)
		h.equal("dropped", n, 1)
		h.wantDeadLetters("3")
		h.wantDepth(journal.Depth{Inbox: 1, DeadLetters: 1})
	},
	// DeadLetters of one channel lists that channel's messages and parts only, by id, up to
	// the limit.
	"dead letters: are listed by channel, page by page": func(h *harness) {
		h.makeDeadLetters("1")
		h.makeDeadLetterOn("phone", "2")
		h.makeDeadLetters("3")
		h.makeDeadLetterOn("phone", "4")
		h.OpenOutbox(Slots("phone"))
		h.storePartOn("phone", "bob", "a")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		list := h.wantDeadLetters("1", "2", "3", "4", "a")
		h.wantDeadLettersOf("web", "1", "3")
		h.wantDeadLettersOf("phone", "2", "4", "a")
		h.wantDeadLettersOf("mail")
		page, err := h.DeadLetters(h.Context(), "phone", list[0].ID, 2)
		h.wantErr("DeadLetters", err, nil)
		h.equal("page", page, []journal.DeadLetter{list[1], list[3]})
		page, err = h.DeadLetters(h.Context(), "phone", list[3].ID, 2)
		h.wantErr("DeadLetters", err, nil)
		h.equal("page", page, list[4:])
	},
}

// makeDeadLetterOn is makeDeadLetters for one message on another channel.
func (h *harness) makeDeadLetterOn(channel, id string) {
	h.Helper()
	m := message("ann", id)
	m.Channel = channel
	h.enqueue(m)
	h.end(h.next(id).Claim, journal.OutcomeFailed)
}
