package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// die makes dead letters of messages of ann's.
func (d *desk) die(ids ...string) {
	d.Helper()
	for _, id := range ids {
		d.put("ann", id)
		d.end(d.next(id).Claim, journal.OutcomeFailed)
	}
}

// inOrder checks the messages that come next in a conversation, and ends them.
func (d *desk) inOrder(ids ...string) {
	d.Helper()
	for _, id := range ids {
		turn := d.next(id)
		d.noNext()
		d.end(turn.Claim, journal.OutcomeDone)
	}
	d.noNext()
}

var deadLetterTests = map[string]func(*desk){
	"dead letters: are listed by id, page by page": func(d *desk) {
		d.die("1", "2", "3")
		list := d.dead("1", "2", "3")
		page, err := d.DeadLetters(d.Context(), "", list[0].ID, 1)
		d.is("DeadLetters", err, nil)
		d.same("page", page, list[1:2])
		page, err = d.DeadLetters(d.Context(), "", list[2].ID, 1)
		d.is("DeadLetters", err, nil)
		d.same("page", len(page), 0)
	},
	"dead letters: replay keeps their order and goes before what waits": func(d *desk) {
		d.die("1", "2", "3")
		d.put("ann", "4", "5")
		list := d.dead("1", "2", "3")
		d.replay(list[2], list[0], list[1])
		d.dead()
		d.inOrder("1", "2", "3", "4", "5")
	},
	"dead letters: replay keeps the order also of what died again": func(d *desk) {
		d.die("1", "2")
		d.replay(d.dead("1", "2")[0])
		d.end(d.next("1").Claim, journal.OutcomeFailed)
		d.put("ann", "3")
		list := d.dead("2", "1")
		d.replay(list...)
		d.inOrder("1", "2", "3")
	},
	"dead letters: replay waits for the turn that runs, and goes before its retry": func(d *desk) {
		d.die("1")
		d.put("ann", "2", "3")
		turn := d.next("2")
		d.replay(d.dead("1")...)
		d.noNext()
		d.retry(turn.Claim, 0)
		d.inOrder("1", "2", "3")
	},
	"dead letters: replay goes before callers that wait, and before a head that backs off": func(d *desk) {
		d.die("1")
		d.put("ann", "2")
		d.retry(d.next("2").Claim, time.Hour)
		behind := d.join(d.Context(), 9)
		d.replay(d.dead("1")...)
		d.inOrder("1")
		d.waits(behind)
		time.Sleep(time.Hour)
		d.inOrder("2")
		d.first(behind)()
	},
	"dead letters: replay waits for the caller that is first, and goes before those that wait": func(d *desk) {
		d.die("1")
		leave := d.first(d.join(d.Context(), 9))
		behind := d.join(d.Context(), 9)
		d.replay(d.dead("1")...)
		d.noNext()
		leave()
		d.waits(behind)
		d.inOrder("1")
		d.first(behind)()
	},
	"dead letters: replay bypasses the known keys and begins anew": func(d *desk) {
		d.put("ann", "1")
		turn := d.next("1")
		d.settle(turn.Claim, journal.Step{
			Parts: []channels.Part{part("ann", "p")}, End: &journal.End{Outcome: journal.OutcomeRetry},
		})
		d.end(d.next("1").Claim, journal.OutcomeInterrupted)
		d.replay(d.dead("1")...)
		again := d.next("1")
		d.same("attempt and shown", []int{again.Attempt, again.Shown}, []int{1, 0})
		if again.Row <= turn.Row {
			d.Errorf("row %d is used again after %d", again.Row, turn.Row)
		}
		d.is("Settle", d.Settle(d.Context(), turn.Claim, journal.Step{}), journal.ErrFenced)
	},
	"dead letters: replay of parts keeps their order and goes before what waits": func(d *desk) {
		d.OpenOutbox("web")
		d.say("ann", "a1", "a2", "a3")
		for _, id := range []string{"a1", "a2"} {
			d.settlePart(d.nextPart(id).Claim, journal.PartOutcome{Counts: true})
			d.settlePart(d.nextPart(id).Claim, journal.PartOutcome{Dead: true})
		}
		list := d.dead("a1", "a2")
		d.replay(list[1], list[0])
		for _, id := range []string{"a1", "a2", "a3"} {
			delivery := d.nextPart(id)
			d.same("attempts", delivery.Attempts, 0)
			d.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		}
		d.depth(journal.Depth{})
	},
	"dead letters: what is replayed counts as stored then": func(d *desk) {
		d.OpenOutbox("web")
		d.die("1")
		d.say("ann", "a")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		d.replay(d.dead("1", "a")...)
		for _, stored := range []time.Time{d.next("1").Stored, d.nextPart("a").Stored} {
			if age := time.Since(stored); age < 0 || age > time.Minute {
				d.Errorf("it was stored %v ago", age)
			}
		}
	},
	"dead letters: unknown and repeated ids are left out": func(d *desk) {
		d.die("1", "2", "3")
		list := d.dead("1", "2", "3")
		n, err := d.Replay(d.Context(), list[0].ID, 999, list[0].ID)
		d.is("Replay", err, nil)
		d.same("replayed", n, 1)
		n, err = d.Drop(d.Context(), list[0].ID, list[1].ID, list[1].ID, 999)
		d.is("Drop", err, nil)
		d.same("dropped", n, 1)
		d.dead("3")
		d.depth(journal.Depth{Inbox: 1, DeadLetters: 1})
	},
	"dead letters: are listed by channel, page by page": func(d *desk) {
		d.die("1")
		d.diesOn("phone", "2")
		d.die("3")
		d.diesOn("phone", "4")
		d.OpenOutbox("phone")
		d.sayOn("phone", "bob", "a")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		list := d.dead("1", "2", "3", "4", "a")
		d.deadOn("web", "1", "3")
		d.deadOn("phone", "2", "4", "a")
		d.deadOn("mail")
		page, err := d.DeadLetters(d.Context(), "phone", list[0].ID, 2)
		d.is("DeadLetters", err, nil)
		d.same("page", page, []journal.DeadLetter{list[1], list[3]})
		page, err = d.DeadLetters(d.Context(), "phone", list[3].ID, 2)
		d.is("DeadLetters", err, nil)
		d.same("page", page, list[4:])
	},
}

// diesOn makes a dead letter of a message of ann's on another channel.
func (d *desk) diesOn(channel, id string) {
	d.Helper()
	m := message("ann", id)
	m.Channel = channel
	d.enqueue(m)
	d.end(d.next(id).Claim, journal.OutcomeFailed)
}
