package journaltest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/journal"
)

// waiting checks what waits of which channel.
func (d *desk) waiting(want map[string]journal.Waiting) {
	d.Helper()
	if !cmp.Equal(d.waitingNow(), want) {
		time.Sleep(time.Second) // it may be a second old, as Depth
	}
	d.same("waiting", d.waitingNow(), want)
}

func (d *desk) waitingNow() map[string]journal.Waiting {
	d.Helper()
	got, err := d.Waiting(d.Context())
	if err != nil {
		d.Fatalf("Waiting: %v", err)
	}
	if got == nil {
		got = map[string]journal.Waiting{}
	}
	return got
}

var waitingTests = map[string]func(*desk){
	"waiting: is told by channel, also of those that are not open": func(d *desk) {
		d.OpenInbox("web")
		d.put("ann", "1", "2")
		elsewhere := message("bob", "1")
		elsewhere.Channel = "phone"
		d.enqueue(elsewhere)
		d.push("p", "a", "b", "c")
		d.waiting(map[string]journal.Waiting{"web": {Inbox: 2, Outbox: 3}, "phone": {Inbox: 1}})
		d.OpenInbox()
		d.waiting(map[string]journal.Waiting{"web": {Inbox: 2, Outbox: 3}, "phone": {Inbox: 1}})
	},
	"waiting: holds what is claimed or backs off, and not what is done": func(d *desk) {
		d.OpenOutbox("web")
		d.waiting(map[string]journal.Waiting{})
		d.put("ann", "1")
		d.push("p", "a")
		turn, delivery := d.next("1"), d.nextPart("a")
		want := map[string]journal.Waiting{"web": {Inbox: 1, Outbox: 1}}
		d.waiting(want)
		d.retry(turn.Claim, time.Hour)
		d.settlePart(delivery.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		d.waiting(want)
		time.Sleep(time.Hour)
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.waiting(map[string]journal.Waiting{"web": {Outbox: 1}})
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		d.waiting(map[string]journal.Waiting{})
		d.replay(d.dead("a")...)
		d.waiting(map[string]journal.Waiting{"web": {Outbox: 1}})
	},
	"waiting: what is forgotten waits no more": func(d *desk) {
		d.put("ann", "1", "2")
		d.put("bob", "1")
		d.push("p", "a")
		d.forget()
		d.waiting(map[string]journal.Waiting{"web": {Inbox: 1}})
	},
}
