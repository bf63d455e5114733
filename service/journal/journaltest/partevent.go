package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// partEvent returns an event about a part of ann's.
func partEvent(kind channels.EventKind, id string) channels.Event {
	e := happened(kind, "ann", "1")
	e.Part, e.Receipt, e.Reason = id, "receipt of "+id, "reason of "+id
	return e
}

var partEventTests = map[string]func(*desk){
	"part events: every outcome appends its own, in order": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b", "c")
		retry, sent := partEvent(channels.EventUndelivered, "a"), partEvent(channels.EventSent, "a")
		dead, expired := partEvent(channels.EventUndelivered, "b"), partEvent(channels.EventExpired, "c")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Counts: true, Events: []channels.Event{retry}})
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Sent: true, Events: []channels.Event{sent, retry}})
		d.settlePart(d.nextPart("b").Claim, journal.PartOutcome{Dead: true, Events: []channels.Event{dead}})
		d.settlePart(d.nextPart("c").Claim, journal.PartOutcome{Expired: true, Events: []channels.Event{expired}})
		d.told(retry, sent, retry, dead, expired)
	},
	"part events: a fenced claim appends none": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		claim := d.nextPart("a").Claim
		d.settlePart(claim, journal.PartOutcome{Sent: true})
		o := journal.PartOutcome{Sent: true, Events: []channels.Event{partEvent(channels.EventSent, "a")}}
		d.is("SettlePart", d.SettlePart(d.Context(), claim, o), journal.ErrFenced)
		d.told()
	},
	"part events: an expired part leaves, is no dead letter, and the next begins": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Expired: true, Reason: "because"})
		d.settlePart(d.nextPart("b").Claim, journal.PartOutcome{Sent: true})
		d.dead()
		d.depth(journal.Depth{})
	},
	"part events: of one that was sent the further fields mean nothing": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{
			Sent: true, Dead: true, Counts: true, Retry: time.Now().Add(time.Hour), Reason: "because",
		})
		d.dead()
		d.depth(journal.Depth{})
	},
}
