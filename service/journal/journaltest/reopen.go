package journaltest

import (
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var reopenTests = map[string]func(*desk){
	"reopen: messages keep their order, content and keys": func(d *desk) {
		d.enqueue(fullMessage())
		d.put("bob", "b1", "b2", "b3")
		for _, turn := range d.turns("1", "b1") {
			d.end(turn.Claim, journal.OutcomeDone)
		}
		again := fullMessage()
		again.ID = "2"
		d.enqueue(again)
		d.reopen()
		d.depth(journal.Depth{Inbox: 3})
		d.same("fresh", d.enqueue(fullMessage(), message("bob", "b1")), []bool{false, false})
		turns := d.turns("b2", "2")
		d.same("message", turns["2"].Message, again)
		d.end(turns["b2"].Claim, journal.OutcomeDone)
		d.end(d.next("b3").Claim, journal.OutcomeDone)
	},
	"reopen: what was claimed comes back with its attempts and what it showed": func(d *desk) {
		d.put("ann", "1", "2")
		turn := d.next("1")
		d.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p")}})
		d.reopen()
		d.is("Settle", d.Settle(d.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
		again := d.next("1")
		d.same("attempt and shown", []int{again.Attempt, again.Shown}, []int{2, 1})
		d.same("row", again.Row, turn.Row)
		d.same("stored", again.Stored, turn.Stored)
		if again.Token <= turn.Token {
			d.Errorf("token %d follows %d", again.Token, turn.Token)
		}
		d.is("Settle", d.Settle(d.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
		d.end(again.Claim, journal.OutcomeDone)
		d.same("attempt", d.next("2").Attempt, 1)
	},
	"reopen: the attempt of one that was waited for is kept too": func(d *desk) {
		turns := make(chan journal.Turn)
		go func() {
			turn, err := d.Next(d.Context())
			d.check("Next", err)
			turns <- turn
		}()
		synctest.Wait()
		d.put("ann", "1")
		d.same("attempt", (<-turns).Attempt, 1)
		d.reopen()
		d.same("attempt", d.next("1").Attempt, 2)
	},
	"reopen: whoever was there is not any more, and what waits is due when it was": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		d.wake(ann)
		d.later(d.nextPart("a").Claim)
		d.reopen()
		d.OpenOutbox("web")
		d.noPart()
		d.wake(ann)
		d.sent("a")
	},
	"reopen: a retry is due when it was": func(d *desk) {
		d.put("ann", "1")
		d.retry(d.next("1").Claim, time.Hour)
		d.reopen()
		d.noNext()
		time.Sleep(time.Hour)
		d.same("attempt", d.next("1").Attempt, 2)
	},
	"reopen: row numbers are not used again": func(d *desk) {
		d.put("ann", "1")
		turn := d.next("1")
		d.end(turn.Claim, journal.OutcomeDone)
		d.reopen()
		d.put("ann", "2")
		if again := d.next("2"); again.Row <= turn.Row {
			d.Errorf("row %d follows %d", again.Row, turn.Row)
		}
	},
	"reopen: parts keep their order, content and attempts": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1", "a2")
		d.put("bob", "1")
		d.settle(d.next("1").Claim, journal.Step{Parts: []channels.Part{fullPart()}})
		parts := d.deliveries("a1", "full")
		d.settlePart(parts["a1"].Claim, journal.PartOutcome{Counts: true})
		claim := parts["full"].Claim
		d.reopen()
		d.noPart()
		d.OpenOutbox("web")
		d.is("SettlePart", d.SettlePart(d.Context(), claim, journal.PartOutcome{Sent: true}), journal.ErrFenced)
		parts = d.deliveries("a1", "full")
		d.is("SettlePart", d.SettlePart(d.Context(), claim, journal.PartOutcome{Sent: true}), journal.ErrFenced)
		d.same("part", parts["full"].Part, fullPart())
		d.same("attempts", parts["a1"].Attempts, 1)
		d.settlePart(parts["a1"].Claim, journal.PartOutcome{Sent: true})
		d.settlePart(d.nextPart("a2").Claim, journal.PartOutcome{Sent: true})
	},
	"reopen: dead letters stay, and what was replayed stays before what waits": func(d *desk) {
		d.die("1", "2", "3")
		d.put("ann", "4")
		list := d.dead("1", "2", "3")
		d.replay(list[1])
		d.reopen()
		d.same("dead letters", d.dead("1", "3"), []journal.DeadLetter{list[0], list[2]})
		d.depth(journal.Depth{Inbox: 2, DeadLetters: 2})
		d.replay(d.dead("1", "3")...)
		d.reopen()
		d.inOrder("1", "2", "3", "4")
	},
}
