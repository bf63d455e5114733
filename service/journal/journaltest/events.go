package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var eventTests = map[string]func(*desk){
	"events: come back as they were": func(d *desk) {
		m := fullMessage()
		undelivered := partEvent(channels.EventUndelivered, "p")
		undelivered.Time = undelivered.Time.Add(1234567 * time.Microsecond)
		reply := replied("ann", "1", channels.Reply{RecipientID: "ann", Text: "a"}, fullPart().Reply)
		d.note(journal.MessageEvent(&m), reply, undelivered, happened(channels.EventExpired, "ann", ""))
		d.told(journal.MessageEvent(&m), reply, undelivered, happened(channels.EventExpired, "ann", ""))
		d.note()
	},
	"events: a stored message's is told with its first attempt, and once": func(d *desk) {
		d.put("ann", "1")
		m := came("ann", "1")
		d.told()
		turn := d.next("1")
		d.told(m)
		d.retry(turn.Claim, time.Hour)
		time.Sleep(time.Hour)
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.told(m)
	},
	"events: a stored message's is all of it, before its turn's replies": func(d *desk) {
		m := fullMessage()
		d.enqueue(m)
		reply := channels.Event{
			Kind: channels.EventReply, Channel: m.Channel, Sender: m.Sender, MessageID: m.ID,
			Time: time.Now(), Replies: []channels.Reply{fullPart().Reply},
		}
		d.settle(d.next("1").Claim, journal.Step{Events: []channels.Event{reply}})
		d.told(journal.MessageEvent(&m), reply)
	},
	"events: a message that is replayed has its turn anew, and is told again": func(d *desk) {
		d.die("1")
		m := came("ann", "1")
		d.replay(d.dead("1")...)
		d.told(m)
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.told(m, m)
	},
	"events: of steps are told in order, with that of the end": func(d *desk) {
		d.put("ann", "1")
		m := came("ann", "1")
		turn := d.next("1")
		a, b, c := replied("ann", "1", channels.Reply{Text: "a"}), replied("ann", "1", channels.Reply{Text: "b"}),
			replied("ann", "1", channels.Reply{Text: "c"})
		failed := happened(channels.EventInterrupted, "ann", "1")
		failed.Reason = "because"
		d.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p")}, Events: []channels.Event{a}})
		d.told(m, a)
		d.settle(turn.Claim, journal.Step{Shown: true})
		d.settle(turn.Claim, journal.Step{Events: []channels.Event{b, c}, End: &journal.End{Outcome: journal.OutcomeRetry}})
		d.told(m, a, b, c)
		d.settle(d.next("1").Claim, journal.Step{
			Events: []channels.Event{failed}, End: &journal.End{Outcome: journal.OutcomeInterrupted},
		})
		d.told(m, a, b, c, failed)
	},
	"events: a fenced step adds none": func(d *desk) {
		d.put("ann", "1")
		turn := d.next("1")
		d.end(turn.Claim, journal.OutcomeDone)
		newest := d.newest()
		step := journal.Step{Events: []channels.Event{replied("ann", "1", channels.Reply{Text: "a"})}}
		d.is("Settle", d.Settle(d.Context(), turn.Claim, step), journal.ErrFenced)
		d.same("newest", d.newest(), newest)
	},
	"events: a step without parts shows something when it says so": func(d *desk) {
		d.put("ann", "1")
		turn := d.next("1")
		d.settle(turn.Claim, journal.Step{Events: []channels.Event{happened(channels.EventSent, "ann", "1")}})
		d.settle(turn.Claim, journal.Step{Shown: true})
		d.settle(turn.Claim, journal.Step{Shown: true, Parts: []channels.Part{part("ann", "p")}})
		d.retry(turn.Claim, 0)
		d.same("shown", d.next("1").Shown, 2)
	},
	"events: newest is the cursor of the last, 0 before the first": func(d *desk) {
		d.same("newest", d.newest(), int64(0))
		d.note(came("ann", "1"), came("bob", "2"))
		es := d.kept()
		d.same("newest", d.newest(), es[1].Cursor)
		d.put("ann", "3")
		d.same("newest", d.newest(), es[1].Cursor)
		d.next("3")
		d.same("newest", d.newest(), d.kept()[2].Cursor)
	},
	"events: an ended context notes nothing": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		d.is("Note", d.AppendEvents(ctx, came("ann", "1")), context.Canceled)
		d.told()
	},
}
