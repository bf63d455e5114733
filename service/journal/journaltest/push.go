package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// pushOf returns a push to ann without events; its digest is that of its key.
func pushOf(id string, parts ...string) journal.Push {
	p := journal.Push{Key: keyOf("ann", id), Digest: []byte("digest of " + id), Window: window}
	for _, name := range parts {
		p.Parts = append(p.Parts, part("ann", name))
	}
	return p
}

// push stores parts for ann, whose key must be new.
func (d *desk) push(id string, parts ...string) {
	d.Helper()
	d.pushed(pushOf(id, parts...))
}

func (d *desk) pushed(p journal.Push) {
	d.Helper()
	known, err := d.Push(d.Context(), p)
	if err != nil || known != nil {
		d.Fatalf("Push of %s returns %+v, error %v; want it to be new", p.Key.ID, known, err)
	}
}

// pushKnown pushes what must be known.
func (d *desk) pushKnown(p journal.Push) journal.Known {
	d.Helper()
	known, err := d.Push(d.Context(), p)
	if err != nil || known == nil {
		d.Fatalf("Push of %s returns %+v, error %v; want it to be known", p.Key.ID, known, err)
	}
	return tidy(*known)
}

// sent checks the parts that come next in an outbox, and sends them.
func (d *desk) sent(ids ...string) {
	d.Helper()
	for _, id := range ids {
		delivery := d.nextPart(id)
		d.noPart()
		d.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
	}
	d.noPart()
}

var pushTests = map[string]func(*desk){
	"push: parts come back as they were, behind what waits, and its events are told": func(d *desk) {
		d.OpenOutbox("web")
		p := journal.Push{Key: keyOf("bob", "p"), Window: window, Parts: []channels.Part{fullPart(), part("bob", "2")}}
		p.Events = []channels.Event{replied("bob", "p", fullPart().Reply), replied("bob", "p", channels.Reply{Text: "2"})}
		d.say("bob", "1")
		before := d.kept()
		d.pushed(p)
		d.sameEvents(d.kept(), append(before, p.Events...)...)
		d.settlePart(d.nextPart("1").Claim, journal.PartOutcome{Sent: true})
		delivery := d.nextPart("full")
		d.same("part", delivery.Part, fullPart())
		d.same("attempts", delivery.Attempts, 0)
		if age := time.Since(delivery.Stored); age < 0 || age > time.Minute {
			d.Errorf("it was stored %v ago", age)
		}
		d.noPart()
		d.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		d.say("bob", "3")
		d.sent("2", "3")
	},
	"push: wakes who waits for its part": func(d *desk) {
		d.OpenOutbox("web")
		got := make(chan string)
		go func() {
			delivery, err := d.NextPart(d.Context())
			d.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		d.noPart()
		d.push("1", "a")
		d.same("part", <-got, "a")
	},
	"push: waits for its channel, and blocks no turn": func(d *desk) {
		d.push("1", "a")
		d.noPart()
		d.put("ann", "2")
		d.end(d.next("2").Claim, journal.OutcomeDone)
		d.OpenOutbox("web")
		d.sent("a")
	},
	"push: a key that was pushed changes nothing": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		again := pushOf("1", "b")
		again.Digest = []byte("other")
		again.Events = []channels.Event{replied("ann", "1", channels.Reply{Text: "b"})}
		d.unchanged(func() {
			d.same("digest", d.pushKnown(again).Digest, []byte("digest of 1"))
			d.sent("a")
			d.same("digest", d.pushKnown(again).Digest, []byte("digest of 1"))
		})
		d.noPart()
	},
	"push: a key that was stored or asked changes nothing": func(d *desk) {
		d.OpenOutbox("web")
		d.put("ann", "1")
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.asked("2", journal.OutcomeDone, "a")
		known := d.recall("2")
		d.unchanged(func() {
			d.same("digest", d.pushKnown(pushOf("1", "b")).Digest, []byte(nil))
			d.same("known", d.pushKnown(pushOf("2", "c")), known)
		})
		d.noPart()
	},
	"push: its key is known to Enqueue, Begin and Recall": func(d *desk) {
		d.push("1", "a")
		d.same("digest", d.recall("1").Digest, []byte("digest of 1"))
		d.same("state", d.recall("1").State, journal.State(""))
		d.same("fresh", d.enqueue(message("ann", "1"), message("bob", "1")), []bool{false, true})
		seat := d.seat()
		defer seat.Release()
		d.unchanged(func() { d.same("digest", d.repeat(seat, "digest of 1").Digest, []byte("digest of 1")) })
	},
	"push: a key is forgotten when its window has passed": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		time.Sleep(window - time.Second)
		d.pushKnown(pushOf("1", "b"))
		time.Sleep(time.Second)
		d.unknown("1")
		d.push("1", "c")
		d.sent("a", "c")
	},
	"push: an ended context changes nothing": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		p := pushOf("1", "a")
		p.Events = []channels.Event{replied("ann", "1", channels.Reply{Text: "a"})}
		_, err := d.Push(ctx, p)
		d.is("Push", err, context.Canceled)
		d.unknown("1")
		d.told()
		d.depth(journal.Depth{})
	},
}
