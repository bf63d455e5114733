package journaltest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// messageFrom returns a message of ann's that came from the address.
func messageFrom(address, id string) channels.Message {
	m := message("ann", id)
	m.Address = address
	return m
}

var addressTests = map[string]func(*harness){
	// A conversation's address is that of the last message whose turn began, however the
	// turn ended.
	"address: is that of the last message that had a turn": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"), messageFrom("C2", "2"))
		h.outbox.wantAddress(ann, "unknown")
		turn := h.inbox.next("1")
		h.outbox.wantAddress(ann, "C1")
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.outbox.wantAddress(ann, "C1")
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeFailed)
		h.outbox.wantAddress(ann, "C2")
	},
	// The address of an asked message counts too, with an id or without.
	"address: an asked message has one too": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, messageFrom("C2", "2"), "digest")
		h.outbox.wantAddress(ann, "C2")
		h.asks.end(a, journal.OutcomeFailed)
		m := messageFrom("C3", "3")
		h.events.append(journal.MessageEvent(&m))
		h.outbox.wantAddress(ann, "C3")
	},
	// A message without an address makes the conversation's address empty and known.
	"address: may be empty and known": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"), messageFrom("", "2"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeDone)
		h.outbox.wantAddress(ann, "")
	},
	// An address belongs to the sender on one channel.
	"address: a conversation is channel and sender": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.outbox.wantAddress(channels.Conversation{Channel: "web", Sender: "bob"}, "unknown")
		h.outbox.wantAddress(channels.Conversation{Channel: "phone", Sender: "ann"}, "unknown")
	},
	// Addresses of parts, of a turn or pushed, do not change the conversation's address.
	"address: replies and pushes do not change it": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"))
		p := part("ann", "p")
		p.Address = "C2"
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{
			Parts: []channels.Part{p}, Events: []channels.Event{replyEvent("ann", "1", p.Reply)},
			End: &journal.End{Outcome: journal.OutcomeDone},
		})
		h.outbox.pushNew(journal.Push{
			Key: keyOf("ann", "p"), Window: window, Parts: []channels.Part{p},
			Events: []channels.Event{replyEvent("ann", "p", p.Reply)},
		})
		h.outbox.wantAddress(ann, "C1")
	},
}
