package journaltest

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// swept checks that events above the cursor were deleted, and returns the oldest
// cursor that there is still.
func (d *desk) swept(f journal.EventFilter, after int64) int64 {
	d.Helper()
	_, err := d.Events(d.Context(), f, after, 9)
	var swept *journal.SweptError
	if !errors.As(err, &swept) {
		d.Fatalf("Events above %d: error %v, want a SweptError", after, err)
	}
	return swept.Oldest
}

// noteOld notes a and b of ann's, and as much later as the retention is c of ann's and
// d of bob's, and sweeps. It returns the cursors of all.
func (d *desk) noteOld() []int64 {
	d.Helper()
	d.note(came("ann", "a"))
	d.note(came("ann", "b"))
	time.Sleep(d.retention)
	d.note(came("ann", "c"))
	d.note(came("bob", "d"))
	var cursors []int64
	for _, e := range d.kept() {
		cursors = append(cursors, e.Cursor)
	}
	time.Sleep(time.Second)
	d.sweep()
	return cursors
}

var retentionTests = map[string]func(*desk){
	"retention: sweep deletes events that are too old and no others": func(d *desk) {
		d.keep(time.Hour)
		d.note(came("ann", "1"))
		time.Sleep(time.Hour - time.Second)
		d.sweep()
		d.same("events", ids(d.kept()), []string{"1"})
		d.note(came("ann", "2"))
		time.Sleep(2 * time.Second)
		d.sweep()
		d.same("events", ids(d.kept()), []string{"2"})
		d.same("history", ids(d.history(9)), []string{"2"})
	},
	"retention: a cursor below what was swept is told the oldest, from which one goes on": func(d *desk) {
		d.keep(time.Hour)
		cursors := d.noteOld()
		for _, f := range []journal.EventFilter{{}, {Channel: "web"}, {Channel: "web", Sender: "bob"}} {
			for _, after := range []int64{0, cursors[0], cursors[1] - 1} {
				oldest := d.swept(f, after)
				if oldest <= after || oldest >= cursors[2] {
					d.Fatalf("the oldest cursor is %d, above %d and cursors %v", oldest, after, cursors)
				}
				want := d.page(f, -1, 9)
				d.same("page", d.page(f, oldest, 9), want)
			}
			d.page(f, cursors[1], 9)
			d.page(f, cursors[3], 9)
		}
	},
	"retention: a cursor below 0 stands before the oldest that is kept": func(d *desk) {
		d.keep(time.Hour)
		d.noteOld()
		for _, after := range []int64{-1, -99} {
			d.same("events", ids(d.page(journal.EventFilter{}, after, 9).Events), []string{"c", "d"})
			d.same("events", ids(d.page(journal.EventFilter{Channel: "web", Sender: "bob"}, after, 9).Events), []string{"d"})
			page := d.page(journal.EventFilter{}, after, 1)
			d.same("events", ids(d.page(journal.EventFilter{}, page.Next, 9).Events), []string{"d"})
		}
	},
	"retention: the newest cursor stays when all is swept": func(d *desk) {
		d.keep(time.Hour)
		cursors := d.noteOld()
		time.Sleep(2 * time.Hour)
		d.sweep()
		d.told()
		d.same("newest", d.newest(), cursors[3])
		d.same("page", d.page(journal.EventFilter{}, d.swept(journal.EventFilter{}, 0), 9), journal.EventPage{Next: cursors[3]})
		d.same("page", d.page(journal.EventFilter{}, -1, 9), journal.EventPage{Next: cursors[3]})
		d.note(came("ann", "e"))
		d.same("events", ids(d.page(journal.EventFilter{}, cursors[3], 9).Events), []string{"e"})
	},
	"retention: an address that is too old is swept": func(d *desk) {
		d.keep(time.Hour)
		d.enqueue(from("C1", "1"))
		d.end(d.next("1").Claim, journal.OutcomeDone)
		time.Sleep(time.Hour - time.Second)
		d.sweep()
		d.address(ann, "C1")
		time.Sleep(2 * time.Second)
		d.sweep()
		d.address(ann, "unknown")
	},
	"retention: what waits and what died is kept": func(d *desk) {
		d.keep(time.Hour)
		d.die("1")
		d.say("ann", "a1")
		d.put("ann", "2")
		time.Sleep(window)
		d.sweep()
		d.dead("1")
		d.OpenOutbox("web")
		d.sent("a1")
		d.inOrder("2")
	},
	"retention: shorter than the window it takes the replies, not the key": func(d *desk) {
		d.keep(time.Hour)
		d.asked("1", journal.OutcomeDone, "a", "b")
		d.asked("2", journal.OutcomeFailed)
		time.Sleep(time.Hour + time.Second)
		d.asked("3", journal.OutcomeInterrupted, "c")
		d.sweep()
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true})
		d.same("known", d.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateFailed})
		d.same("known", d.recall("3"), journal.Known{
			Digest: []byte("digest of 3"), State: journal.StateInterrupted, Replies: texts("c"),
		})
		seat := d.seat()
		defer seat.Release()
		d.same("known", d.repeat(seat, "digest of 1"), d.recall("1"))
	},
	"retention 0: events are kept without what was written": func(d *desk) {
		d.keep(0)
		m := from("C1", "1")
		m.Attachments, m.Metadata = fullMessage().Attachments, fullMessage().Metadata
		d.enqueue(m)
		reply, sent := replied("ann", "1", fullPart().Reply), partEvent(channels.EventSent, "p")
		d.settle(d.next("1").Claim, journal.Step{
			Events: []channels.Event{reply, sent}, End: &journal.End{Outcome: journal.OutcomeDone},
		})
		d.address(ann, "C1")
		p := pushOf("2", "a")
		p.Events = []channels.Event{reply}
		d.pushed(p)
		d.note(came("ann", "3"), reply)
		want := []channels.Event{
			journal.MessageEvent(&m).WithoutText(), reply.WithoutText(), sent, reply.WithoutText(),
			came("ann", "3").WithoutText(), reply.WithoutText(),
		}
		d.told(want...)
		d.sameEvents(d.history(9), want[0], want[1], want[3], want[4], want[5])
	},
	"retention 0: replies of an asked message are forgotten": func(d *desk) {
		d.keep(0)
		d.asked("1", journal.OutcomeDone, "a")
		d.asked("2", journal.OutcomeInterrupted)
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true})
		d.same("forgotten", d.recall("2").Forgotten, false)
		for _, e := range d.kept() {
			d.sameEvents([]channels.Event{e}, e.WithoutText())
		}
	},
	"retention 0: messages, parts and dead letters keep their text": func(d *desk) {
		d.keep(0)
		d.enqueue(fullMessage())
		turn := d.next("1")
		d.same("message", turn.Message, fullMessage())
		d.end(turn.Claim, journal.OutcomeFailed)
		d.same("message", *d.dead("1")[0].Message, fullMessage())
		d.OpenOutbox("web")
		d.pushed(journal.Push{Key: keyOf("bob", "p"), Window: window, Parts: []channels.Part{fullPart()}})
		d.same("part", d.nextPart("full").Part, fullPart())
	},
	"retention 0: keeps events for the default": func(d *desk) {
		d.keep(0)
		d.note(came("ann", "1"))
		time.Sleep(journal.DefaultRetention - time.Second)
		d.sweep()
		d.same("events", len(d.kept()), 1)
		time.Sleep(2 * time.Second)
		d.sweep()
		d.told()
	},
	"retention: sweep heeds its context": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		_, err := d.Sweep(ctx, 9)
		d.is("Sweep", err, context.Canceled)
	},
}
