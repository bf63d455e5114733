package journaltest

import (
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var reopenTests = map[string]func(*harness){
	// Messages that wait, their order and all keys are there when the store is opened
	// again.
	"reopen: messages keep their order, content and keys": func(h *harness) {
		h.inbox.enqueue(fullMessage())
		h.inbox.enqueueNew("bob", "b1", "b2", "b3")
		for _, turn := range h.inbox.nextOf("1", "b1") {
			h.inbox.end(turn.Claim, journal.OutcomeDone)
		}
		again := fullMessage()
		again.ID = "2"
		h.inbox.enqueue(again)
		h.reopen()
		h.wantDepth(journal.Depth{Inbox: 3})
		h.equal("fresh", h.inbox.enqueue(fullMessage(), message("bob", "b1")), []bool{false, false})
		turns := h.inbox.nextOf("b2", "2")
		h.equal("message", turns["2"].Message, again)
		h.inbox.end(turns["b2"].Claim, journal.OutcomeDone)
		h.inbox.end(h.inbox.next("b3").Claim, journal.OutcomeDone)
	},
	// A turn that ran when the store was closed is given out again, as the next attempt and
	// with the number of steps that showed something; the old claim is lost.
	"reopen: what was claimed comes back with its attempts and what it showed": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		turn := h.inbox.next("1")
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p")}})
		h.reopen()
		h.wantErr("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
		again := h.inbox.next("1")
		h.equal("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
		h.equal("row", again.Row, turn.Row)
		h.equal("stored", again.Stored, turn.Stored)
		if again.Token <= turn.Token {
			h.Errorf("token %d follows %d", again.Token, turn.Token)
		}
		h.wantErr("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
		h.inbox.end(again.Claim, journal.OutcomeDone)
		h.equal("attempt", h.inbox.next("2").Attempt, 1)
	},
	// The first attempt survives also when Next waited for the message before it was
	// stored.
	"reopen: the attempt of one that was waited for is kept too": func(h *harness) {
		turns := make(chan journal.Turn)
		go func() {
			turn, err := h.Next(h.Context())
			h.check("Next", err)
			turns <- turn
		}()
		synctest.Wait()
		h.inbox.enqueueNew("ann", "1")
		h.equal("attempt", (<-turns).Attempt, 1)
		h.reopen()
		h.equal("attempt", h.inbox.next("1").Attempt, 2)
	},
	// A Wake does not outlive the process: postponed parts are due when they were, until
	// Wake is called again.
	"reopen: no reader is connected any more, and what waits is due when it was": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		h.outbox.wake(ann)
		h.outbox.postpone(h.outbox.next("a").Claim)
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.outbox.wantNone()
		h.outbox.wake(ann)
		h.outbox.sendInOrder("a")
	},
	// A message that is to be retried is due at the same time as before.
	"reopen: a retry is due when it was": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.retry(h.inbox.next("1").Claim, time.Hour)
		h.reopen()
		h.inbox.wantNone()
		time.Sleep(time.Hour)
		h.equal("attempt", h.inbox.next("1").Attempt, 2)
	},
	// The number of a row that is gone is not given to a later row.
	"reopen: row numbers are not used again": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.reopen()
		h.inbox.enqueueNew("ann", "2")
		if again := h.inbox.next("2"); again.Row <= turn.Row {
			h.Errorf("row %d follows %d", again.Row, turn.Row)
		}
	},
	// Parts that wait, their order and their attempts are there when the store is opened
	// again; claims of them are lost.
	"reopen: parts keep their order, content and attempts": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.storeParts("ann", "a1", "a2")
		h.inbox.enqueueNew("bob", "1")
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{Parts: []channels.Part{fullPart()}})
		parts := h.outbox.nextOf("a1", "full")
		h.outbox.settle(parts["a1"].Claim, journal.PartOutcome{Counts: true})
		claim := parts["full"].Claim
		h.reopen()
		h.outbox.wantNone()
		h.OpenOutbox(Slots("web"))
		h.wantErr("SettlePart", h.SettlePart(h.Context(), claim, journal.PartOutcome{Sent: true}), journal.ErrFenced)
		parts = h.outbox.nextOf("a1", "full")
		h.wantErr("SettlePart", h.SettlePart(h.Context(), claim, journal.PartOutcome{Sent: true}), journal.ErrFenced)
		h.equal("part", parts["full"].Part, fullPart())
		h.equal("attempts", parts["a1"].Attempts, 1)
		h.outbox.settle(parts["a1"].Claim, journal.PartOutcome{Sent: true})
		h.outbox.settle(h.outbox.next("a2").Claim, journal.PartOutcome{Sent: true})
	},
	// Dead letters are there when the store is opened again, and replayed messages keep
	// their place before what waits.
	"reopen: dead letters stay, and what was replayed stays before what waits": func(h *harness) {
		h.deadLetters.add("1", "2", "3")
		h.inbox.enqueueNew("ann", "4")
		list := h.deadLetters.want("1", "2", "3")
		h.deadLetters.replay(list[1])
		h.reopen()
		h.equal("dead letters", h.deadLetters.want("1", "3"), []journal.DeadLetter{list[0], list[2]})
		h.wantDepth(journal.Depth{Inbox: 2, DeadLetters: 2})
		h.deadLetters.replay(h.deadLetters.want("1", "3")...)
		h.reopen()
		h.inbox.answerInOrder("1", "2", "3", "4")
	},
}
