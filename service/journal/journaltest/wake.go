package journaltest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// later puts a claimed part back for an hour.
func (d *desk) later(c journal.Claim) {
	d.Helper()
	d.settlePart(c, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
}

func (d *desk) wake(c channels.Conversation) {
	d.Helper()
	d.is("Wake", d.Wake(d.Context(), c), nil)
}

func (d *desk) gone(c channels.Conversation) {
	d.Helper()
	d.is("Gone", d.Gone(d.Context(), c), nil)
}

var wakeTests = map[string]func(*desk){
	"wake: what waits is due, and its attempts are kept": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Counts: true, Retry: time.Now().Add(time.Hour)})
		d.noPart()
		d.wake(ann)
		delivery := d.nextPart("a")
		d.same("attempts", delivery.Attempts, 1)
		d.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		d.sent("b")
	},
	"wake: what waits goes to who waits for it": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		d.later(d.nextPart("a").Claim)
		got := make(chan journal.Delivery)
		go func() {
			delivery, err := d.NextPart(d.Context())
			d.check("NextPart", err)
			got <- delivery
		}()
		synctest.Wait()
		d.wake(ann)
		d.settlePart((<-got).Claim, journal.PartOutcome{Sent: true})
		d.noPart()
		d.depth(journal.Depth{})
	},
	"wake: what is claimed is due once it is put back, and only then": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		claim := d.nextPart("a").Claim
		d.wake(ann)
		d.wake(ann)
		d.noPart()
		d.later(claim)
		d.later(d.nextPart("a").Claim) // this time nobody was woken
		d.noPart()
		time.Sleep(time.Hour)
		d.sent("a")
	},
	"wake: what stands behind what is claimed is not woken": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b")
		claim := d.nextPart("a").Claim
		d.wake(ann)
		d.settlePart(claim, journal.PartOutcome{Sent: true})
		d.later(d.nextPart("b").Claim)
		d.noPart()
		time.Sleep(time.Hour)
		d.sent("b")
	},
	"wake: others sleep on": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		d.later(d.nextPart("a").Claim)
		d.wake(channels.Conversation{Channel: "web", Sender: "bob"})
		d.wake(channels.Conversation{Channel: "phone", Sender: "ann"})
		d.noPart()
	},
	"wake: a closed channel stays closed": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		d.later(d.nextPart("a").Claim)
		d.OpenOutbox("phone")
		d.wake(ann)
		d.noPart()
		d.OpenOutbox("web")
		d.sent("a")
	},
	"wake: nothing waits, and what comes later comes as ever": func(d *desk) {
		d.OpenOutbox("web")
		d.wake(ann)
		d.push("1", "a")
		d.later(d.nextPart("a").Claim)
		d.noPart()
		d.forget()
		d.push("2", "b")
		d.sent("b")
		d.depth(journal.Depth{})
	},
	"wake: a turn goes on beside it": func(d *desk) {
		d.OpenOutbox("web")
		d.put("ann", "1")
		turn := d.next("1")
		d.wake(ann)
		d.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "a")}})
		d.sent("a")
		d.gone(ann)
		d.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "b")}, End: &journal.End{Outcome: journal.OutcomeDone}})
		d.sent("b")
	},
	"gone: parts come as ever, whether anybody was there or not": func(d *desk) {
		d.OpenOutbox("web")
		d.gone(ann)
		d.push("1", "a", "b", "c")
		d.wake(ann)
		d.wake(ann)
		claim := d.nextPart("a").Claim
		d.gone(ann)
		d.settlePart(claim, journal.PartOutcome{Sent: true})
		d.later(d.nextPart("b").Claim)
		d.gone(ann)
		d.noPart() // nobody is woken by it
		time.Sleep(time.Hour)
		d.sent("b", "c")
	},
	"wake: a context that has ended changes nothing": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		d.later(d.nextPart("a").Claim)
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		d.is("Wake", d.Wake(ctx, ann), context.Canceled)
		d.is("Gone", d.Gone(ctx, ann), context.Canceled)
		d.noPart()
	},
}
