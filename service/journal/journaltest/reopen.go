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
		h.enqueue(fullMessage())
		h.enqueueNew("bob", "b1", "b2", "b3")
		for _, turn := range h.turns("1", "b1") {
			h.end(turn.Claim, journal.OutcomeDone)
		}
		again := fullMessage()
		again.ID = "2"
		h.enqueue(again)
		h.reopen()
		h.wantDepth(journal.Depth{Inbox: 3})
		h.equal("fresh", h.enqueue(fullMessage(), message("bob", "b1")), []bool{false, false})
		turns := h.turns("b2", "2")
		h.equal("message", turns["2"].Message, again)
		h.end(turns["b2"].Claim, journal.OutcomeDone)
		h.end(h.next("b3").Claim, journal.OutcomeDone)
	},
	// A turn that ran when the store was closed is given out again, as the next attempt and
	// with the number of steps that showed something; the old claim is lost.
	"reopen: what was claimed comes back with its attempts and what it showed": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		turn := h.next("1")
		h.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p")}})
		h.reopen()
		h.wantErr("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
		again := h.next("1")
		h.equal("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
		h.equal("row", again.Row, turn.Row)
		h.equal("stored", again.Stored, turn.Stored)
		if again.Token <= turn.Token {
			h.Errorf("token %d follows %d", again.Token, turn.Token)
		}
		h.wantErr("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
		h.end(again.Claim, journal.OutcomeDone)
		h.equal("attempt", h.next("2").Attempt, 1)
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
		h.enqueueNew("ann", "1")
		h.equal("attempt", (<-turns).Attempt, 1)
		h.reopen()
		h.equal("attempt", h.next("1").Attempt, 2)
	},
	// A Wake does not outlive the process: postponed parts are due when they were, until
	// Wake is called again.
	"reopen: no reader is connected any more, and what waits is due when it was": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		h.wake(ann)
		h.postpone(h.nextPart("a").Claim)
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.wantNoPart()
		h.wake(ann)
		h.sendInOrder("a")
	},
	// A message that is to be retried is due at the same time as before.
	"reopen: a retry is due when it was": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.retry(h.next("1").Claim, time.Hour)
		h.reopen()
		h.wantNoTurn()
		time.Sleep(time.Hour)
		h.equal("attempt", h.next("1").Attempt, 2)
	},
	// The number of a row that is gone is not given to a later row.
	"reopen: row numbers are not used again": func(h *harness) {
		h.enqueueNew("ann", "1")
		turn := h.next("1")
		h.end(turn.Claim, journal.OutcomeDone)
		h.reopen()
		h.enqueueNew("ann", "2")
		if again := h.next("2"); again.Row <= turn.Row {
			h.Errorf("row %d follows %d", again.Row, turn.Row)
		}
	},
	// Parts that wait, their order and their attempts are there when the store is opened
	// again; claims of them are lost.
	"reopen: parts keep their order, content and attempts": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.storeParts("ann", "a1", "a2")
		h.enqueueNew("bob", "1")
		h.settle(h.next("1").Claim, journal.Step{Parts: []channels.Part{fullPart()}})
		parts := h.deliveries("a1", "full")
		h.settlePart(parts["a1"].Claim, journal.PartOutcome{Counts: true})
		claim := parts["full"].Claim
		h.reopen()
		h.wantNoPart()
		h.OpenOutbox(Slots("web"))
		h.wantErr("SettlePart", h.SettlePart(h.Context(), claim, journal.PartOutcome{Sent: true}), journal.ErrFenced)
		parts = h.deliveries("a1", "full")
		h.wantErr("SettlePart", h.SettlePart(h.Context(), claim, journal.PartOutcome{Sent: true}), journal.ErrFenced)
		h.equal("part", parts["full"].Part, fullPart())
		h.equal("attempts", parts["a1"].Attempts, 1)
		h.settlePart(parts["a1"].Claim, journal.PartOutcome{Sent: true})
		h.settlePart(h.nextPart("a2").Claim, journal.PartOutcome{Sent: true})
	},
	// Dead letters are there when the store is opened again, and replayed messages keep
	// their place before what waits.
	"reopen: dead letters stay, and what was replayed stays before what waits": func(h *harness) {
		h.makeDeadLetters("1", "2", "3")
		h.enqueueNew("ann", "4")
		list := h.wantDeadLetters("1", "2", "3")
		h.replay(list[1])
		h.reopen()
		h.equal("dead letters", h.wantDeadLetters("1", "3"), []journal.DeadLetter{list[0], list[2]})
		h.wantDepth(journal.Depth{Inbox: 2, DeadLetters: 2})
		h.replay(h.wantDeadLetters("1", "3")...)
		h.reopen()
		h.answerInOrder("1", "2", "3", "4")
	},
}
