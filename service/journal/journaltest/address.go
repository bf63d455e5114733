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

// wantAddress checks the address of a conversation; "unknown" means that there is none.
func (h *harness) wantAddress(c channels.Conversation, want string) {
	h.Helper()
	at, known, err := h.Address(h.Context(), c)
	h.wantErr("Address", err, nil)
	if !known {
		h.equal("unknown address", at, "")
		at = "unknown"
	}
	h.equal("address", at, want)
}

var addressTests = map[string]func(*harness){
	// A conversation's address is that of the last message whose turn began, however the
	// turn ended.
	"address: is that of the last message that had a turn": func(h *harness) {
		h.enqueue(messageFrom("C1", "1"), messageFrom("C2", "2"))
		h.wantAddress(ann, "unknown")
		turn := h.next("1")
		h.wantAddress(ann, "C1")
		h.end(turn.Claim, journal.OutcomeDone)
		h.wantAddress(ann, "C1")
		h.end(h.next("2").Claim, journal.OutcomeFailed)
		h.wantAddress(ann, "C2")
	},
	// The address of an asked message counts too, with an id or without.
	"address: an asked message has one too": func(h *harness) {
		h.enqueue(messageFrom("C1", "1"))
		h.end(h.next("1").Claim, journal.OutcomeDone)
		lock := h.acquire()
		defer lock.Release()
		a := h.begin(lock, messageFrom("C2", "2"), "digest")
		h.wantAddress(ann, "C2")
		h.endAsk(a, journal.OutcomeFailed)
		m := messageFrom("C3", "3")
		h.appendEvents(journal.MessageEvent(&m))
		h.wantAddress(ann, "C3")
	},
	// A message without an address makes the conversation's address empty and known.
	"address: may be empty and known": func(h *harness) {
		h.enqueue(messageFrom("C1", "1"), messageFrom("", "2"))
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.end(h.next("2").Claim, journal.OutcomeDone)
		h.wantAddress(ann, "")
	},
	// An address belongs to the sender on one channel.
	"address: a conversation is channel and sender": func(h *harness) {
		h.enqueue(messageFrom("C1", "1"))
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.wantAddress(channels.Conversation{Channel: "web", Sender: "bob"}, "unknown")
		h.wantAddress(channels.Conversation{Channel: "phone", Sender: "ann"}, "unknown")
	},
	// Addresses of parts, of a turn or pushed, do not change the conversation's address.
	"address: replies and pushes do not change it": func(h *harness) {
		h.enqueue(messageFrom("C1", "1"))
		p := part("ann", "p")
		p.Address = "C2"
		h.settle(h.next("1").Claim, journal.Step{
			Parts: []channels.Part{p}, Events: []channels.Event{replyEvent("ann", "1", p.Reply)},
			End: &journal.End{Outcome: journal.OutcomeDone},
		})
		h.pushNew(journal.Push{
			Key: keyOf("ann", "p"), Window: window, Parts: []channels.Part{p},
			Events: []channels.Event{replyEvent("ann", "p", p.Reply)},
		})
		h.wantAddress(ann, "C1")
	},
}
