package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var reopenEventTests = map[string]func(*harness){
	// Events and their cursors are there when the store is opened again, and later events
	// have higher cursors.
	"reopen: events and their cursors stay, and later ones are higher": func(h *harness) {
		appendMixed(h.events)
		m := fullMessage()
		h.events.append(journal.MessageEvent(&m), replyEvent("ann", "1", fullPart().Reply))
		before, history := h.events.all(), h.events.history(9)
		h.reopen()
		h.equal("events", h.events.all(), before)
		h.equal("history", h.events.history(9), history)
		h.equal("newest", h.events.newest(), before[11].Cursor)
		h.events.append(messageEvent("ann", "x"))
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, before[11].Cursor, 9).Events), []string{"x"})
	},
	// A cursor is not given a second time, although the event that had it is deleted.
	"reopen: cursors are not used again, although no event is left": func(h *harness) {
		h.events.append(messageEvent("ann", "1"))
		newest := h.events.newest()
		h.forget()
		h.reopen()
		h.equal("newest", h.events.newest(), newest)
		h.events.append(messageEvent("ann", "2"))
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, newest, 9).Events), []string{"2"})
	},
	// A cursor below what was deleted for its age gets a SweptError also when the store is
	// opened again.
	"reopen: what was swept counts as swept": func(h *harness) {
		h.reopenWith(time.Hour)
		cursors := appendAndSweep(h)
		h.reopen()
		oldest := h.events.wantSwept(journal.EventFilter{}, cursors[0])
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, oldest, 9).Events), []string{"c", "d"})
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, -1, 9).Events), []string{"c", "d"})
	},
	// The next attempt of a turn that ran when the store was closed does not append the
	// message's event again.
	"reopen: a message's event is not appended again with a later attempt": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		m := messageEvent("ann", "1")
		h.inbox.next("1")
		h.reopen()
		h.inbox.next("1")
		h.events.want(m)
	},
	// The address of a conversation is there when the store is opened again.
	"reopen: addresses stay": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.reopen()
		h.outbox.wantAddress(ann, "C1")
	},
	// What Forget deleted does not come back when the store is opened again, and the keys
	// are still known.
	"reopen: what was forgotten stays so": func(h *harness) {
		h.inbox.enqueue(messageFrom("C1", "1"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.asks.askAndEnd("2", journal.OutcomeDone, "a")
		h.outbox.pushParts("3", "a")
		h.inbox.enqueueNew("ann", "4")
		h.inbox.next("4")
		h.forget()
		h.reopen()
		h.wantForgotten()
		h.equal("known", h.asks.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateDone, Forgotten: true})
		h.equal("fresh", h.inbox.enqueue(message("ann", "4")), []bool{false})
		h.inbox.wantNone()
		h.wantDepth(journal.Depth{})
	},
	// Waiting counts by channel what waited before the store was opened again.
	"reopen: what waits is counted by channel": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("2", "a", "b")
		elsewhere := message("bob", "1")
		elsewhere.Channel = "phone"
		h.inbox.enqueue(elsewhere)
		h.reopen()
		wantWaiting(h, map[string]journal.Waiting{"web": {Inbox: 1, Outbox: 2}, "phone": {Inbox: 1}})
	},
	// DeadLetters lists by channel what was there before the store was opened again.
	"reopen: dead letters are listed by channel": func(h *harness) {
		h.deadLetters.add("1", "2")
		h.deadLetters.addOn("phone", "3")
		h.reopen()
		h.deadLetters.wantOf("web", "1", "2")
		h.deadLetters.wantOf("phone", "3")
	},
	// When the store is opened again with retention 0, events that are appended from then
	// on have no text.
	"reopen: with retention 0 later events have no text": func(h *harness) {
		reply := replyEvent("ann", "1", channels.Reply{Text: "a"})
		h.events.append(reply)
		h.reopenWith(0)
		h.events.append(reply)
		es := h.events.all()
		h.events.wantEqual(es[1:], reply.WithoutText())
	},
}
