package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// corruptMessage makes message 1, which comes next, one that can't be read.
func (d *desk) corruptMessage() {
	d.Helper()
	claim := d.next("1").Claim
	d.retry(claim, time.Minute)
	d.corrupt(d.T, d.Journal, claim.Row, false)
	time.Sleep(time.Minute)
}

// corruptPart makes a part, which comes next, one that can't be read.
func (d *desk) corruptPart(id string) {
	d.Helper()
	claim := d.nextPart(id).Claim
	d.settlePart(claim, journal.PartOutcome{Retry: time.Now().Add(time.Minute)})
	d.corrupt(d.T, d.Journal, claim.Row, true)
	time.Sleep(time.Minute)
}

// unreadable returns the only dead letter, which must be of a row of ann's on channel
// "web" that can't be read.
func (d *desk) unreadable() journal.DeadLetter {
	d.Helper()
	list, err := d.DeadLetters(d.Context(), "web", 0, 9)
	if err != nil || len(list) != 1 {
		d.Fatalf("DeadLetters: %+v, error %v", list, err)
	}
	d.same("kind", list[0].Kind, journal.KindUnreadable)
	if age := time.Since(list[0].Died); age < 0 || age > time.Minute {
		d.Errorf("it died %v ago", age)
	}
	return list[0]
}

// dropUnreadable drops the dead letter that unreadable returns.
func (d *desk) dropUnreadable() {
	d.Helper()
	n, err := d.Drop(d.Context(), d.unreadable().ID)
	d.is("Drop", err, nil)
	d.same("dropped", n, 1)
}

var unreadableTests = map[string]func(*desk){
	"unreadable: a message is a dead letter, and the next of its line begins": func(d *desk) {
		d.put("ann", "1", "2")
		d.corruptMessage()
		d.inOrder("2")
		letter := d.unreadable()
		d.same("message", letter.Message, &channels.Message{Channel: "web", Sender: "ann"})
		d.same("part", letter.Part, (*channels.Part)(nil))
		d.depth(journal.Depth{DeadLetters: 1})
	},
	"unreadable: a message lets callers behind it begin, and other lines": func(d *desk) {
		d.put("ann", "1")
		d.corruptMessage()
		behind := d.join(d.Context(), 9)
		d.put("bob", "b")
		d.next("b")
		d.noNext()
		d.unreadable()
		d.first(behind)()
	},
	"unreadable: a part is a dead letter, and the next of its line begins": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b")
		d.corruptPart("a")
		d.sent("b")
		letter := d.unreadable()
		d.same("part", letter.Part, &channels.Part{Channel: "web", Sender: "ann"})
		d.same("message", letter.Message, (*channels.Message)(nil))
		d.depth(journal.Depth{DeadLetters: 1})
	},
	"unreadable: also once the store is opened again": func(d *desk) {
		d.put("ann", "1", "2")
		d.corruptMessage()
		d.push("3", "a", "b")
		d.reopen()
		d.inOrder("2")
		d.dropUnreadable()
		d.OpenOutbox("web")
		d.corruptPart("a")
		d.reopen()
		d.OpenOutbox("web")
		d.sent("b")
		d.dropUnreadable()
		d.depth(journal.Depth{})
	},
	"unreadable: it tells no event of a turn": func(d *desk) {
		d.put("ann", "1")
		m := came("ann", "1")
		d.corruptMessage()
		d.noNext()
		d.told(m)
	},
	"unreadable: replay leaves its line and the others as good as before": func(d *desk) {
		d.OpenOutbox("web")
		d.put("ann", "1")
		d.corruptMessage()
		d.noNext()
		_, err := d.Replay(d.Context(), d.unreadable().ID)
		d.is("Replay", err, nil)
		d.put("ann", "2")
		d.inOrder("2")
		d.unreadable()
		d.say("ann", "a")
		d.sent("a")
	},
	"unreadable: replay of a part leaves its line and the others as good as before": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "x")
		d.corruptPart("x")
		d.noPart()
		_, err := d.Replay(d.Context(), d.unreadable().ID)
		d.is("Replay", err, nil)
		d.push("2", "b")
		d.sent("b")
		d.unreadable()
		d.put("ann", "3")
		d.inOrder("3")
	},
	"unreadable: it can be dropped and forgotten": func(d *desk) {
		d.put("ann", "1", "2")
		d.corruptMessage()
		d.next("2")
		d.dropUnreadable()
		d.OpenOutbox("web")
		d.push("3", "a")
		d.corruptPart("a")
		d.noPart()
		d.unreadable()
		d.forget()
		d.dead()
	},
}
