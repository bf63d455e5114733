package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var reopenEventTests = map[string]func(*desk){
	"reopen: events and their cursors stay, and later ones are higher": func(d *desk) {
		d.noteMixed()
		m := fullMessage()
		d.note(journal.MessageEvent(&m), replied("ann", "1", fullPart().Reply))
		before, history := d.kept(), d.history(9)
		d.reopen()
		d.same("events", d.kept(), before)
		d.same("history", d.history(9), history)
		d.same("newest", d.newest(), before[11].Cursor)
		d.note(came("ann", "x"))
		d.same("events", ids(d.page(journal.EventFilter{}, before[11].Cursor, 9).Events), []string{"x"})
	},
	"reopen: cursors are not used again, although no event is left": func(d *desk) {
		d.note(came("ann", "1"))
		newest := d.newest()
		d.forget()
		d.reopen()
		d.same("newest", d.newest(), newest)
		d.note(came("ann", "2"))
		d.same("events", ids(d.page(journal.EventFilter{}, newest, 9).Events), []string{"2"})
	},
	"reopen: what was swept counts as swept": func(d *desk) {
		d.keep(time.Hour)
		cursors := d.noteOld()
		d.reopen()
		oldest := d.swept(journal.EventFilter{}, cursors[0])
		d.same("events", ids(d.page(journal.EventFilter{}, oldest, 9).Events), []string{"c", "d"})
		d.same("events", ids(d.page(journal.EventFilter{}, -1, 9).Events), []string{"c", "d"})
	},
	"reopen: a message's event is not told again with a later attempt": func(d *desk) {
		d.put("ann", "1")
		m := came("ann", "1")
		d.next("1")
		d.reopen()
		d.next("1")
		d.told(m)
	},
	"reopen: addresses stay": func(d *desk) {
		d.enqueue(from("C1", "1"))
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.reopen()
		d.address(ann, "C1")
	},
	"reopen: what was forgotten stays so": func(d *desk) {
		d.enqueue(from("C1", "1"))
		d.end(d.next("1").Claim, journal.OutcomeFailed)
		d.asked("2", journal.OutcomeDone, "a")
		d.push("3", "a")
		d.put("ann", "4")
		d.next("4")
		d.forget()
		d.reopen()
		d.forgotten()
		d.same("known", d.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateDone, Forgotten: true})
		d.same("fresh", d.enqueue(message("ann", "4")), []bool{false})
		d.noNext()
		d.depth(journal.Depth{})
	},
	"reopen: what waits is told by channel": func(d *desk) {
		d.put("ann", "1")
		d.push("2", "a", "b")
		elsewhere := message("bob", "1")
		elsewhere.Channel = "phone"
		d.enqueue(elsewhere)
		d.reopen()
		d.waiting(map[string]journal.Waiting{"web": {Inbox: 1, Outbox: 2}, "phone": {Inbox: 1}})
	},
	"reopen: dead letters are listed by channel": func(d *desk) {
		d.die("1", "2")
		d.diesOn("phone", "3")
		d.reopen()
		d.deadOn("web", "1", "2")
		d.deadOn("phone", "3")
	},
	"reopen: with retention 0 later events have no text": func(d *desk) {
		reply := replied("ann", "1", channels.Reply{Text: "a"})
		d.note(reply)
		d.keep(0)
		d.note(reply)
		es := d.kept()
		d.sameEvents(es[1:], reply.WithoutText())
	},
}
