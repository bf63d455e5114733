package journaltest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// from returns a message of ann's from an address.
func from(address, id string) channels.Message {
	m := message("ann", id)
	m.Address = address
	return m
}

// address checks the address of a conversation; none is known when it is "unknown".
func (d *desk) address(c channels.Conversation, want string) {
	d.Helper()
	at, known, err := d.Address(d.Context(), c)
	d.is("Address", err, nil)
	if !known {
		d.same("unknown address", at, "")
		at = "unknown"
	}
	d.same("address", at, want)
}

var addressTests = map[string]func(*desk){
	"address: is that of the last message that had a turn": func(d *desk) {
		d.enqueue(from("C1", "1"), from("C2", "2"))
		d.address(ann, "unknown")
		turn := d.next("1")
		d.address(ann, "C1")
		d.end(turn.Claim, journal.OutcomeDone)
		d.address(ann, "C1")
		d.end(d.next("2").Claim, journal.OutcomeFailed)
		d.address(ann, "C2")
	},
	"address: an asked message has one too": func(d *desk) {
		d.enqueue(from("C1", "1"))
		d.end(d.next("1").Claim, journal.OutcomeDone)
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, from("C2", "2"), "digest")
		d.address(ann, "C2")
		d.endAsk(a, journal.OutcomeFailed)
		m := from("C3", "3")
		d.note(journal.MessageEvent(&m))
		d.address(ann, "C3")
	},
	"address: may be empty and known": func(d *desk) {
		d.enqueue(from("C1", "1"), from("", "2"))
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.end(d.next("2").Claim, journal.OutcomeDone)
		d.address(ann, "")
	},
	"address: a conversation is channel and sender": func(d *desk) {
		d.enqueue(from("C1", "1"))
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.address(channels.Conversation{Channel: "web", Sender: "bob"}, "unknown")
		d.address(channels.Conversation{Channel: "phone", Sender: "ann"}, "unknown")
	},
	"address: replies and pushes do not change it": func(d *desk) {
		d.enqueue(from("C1", "1"))
		p := part("ann", "p")
		p.Address = "C2"
		d.settle(d.next("1").Claim, journal.Step{
			Parts: []channels.Part{p}, Events: []channels.Event{replied("ann", "1", p.Reply)},
			End: &journal.End{Outcome: journal.OutcomeDone},
		})
		d.pushed(journal.Push{
			Key: keyOf("ann", "p"), Window: window, Parts: []channels.Part{p},
			Events: []channels.Event{replied("ann", "p", p.Reply)},
		})
		d.address(ann, "C1")
	},
}
