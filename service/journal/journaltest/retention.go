package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// appendAndSweep appends messages a and b, lets the retention pass, appends c, and d of
// bob's, and sweeps when only a and b are too old. It returns the cursors of all four.
func appendAndSweep(h *harness) []int64 {
	h.Helper()
	h.events.append(messageEvent("ann", "a"))
	h.events.append(messageEvent("ann", "b"))
	time.Sleep(h.env.Retention)
	h.events.append(messageEvent("ann", "c"))
	h.events.append(messageEvent("bob", "d"))
	var cursors []int64
	for _, e := range h.events.all() {
		cursors = append(cursors, e.Cursor)
	}
	time.Sleep(time.Second)
	h.sweep()
	return cursors
}

var retentionTests = map[string]func(*harness){
	// Sweep deletes events that are older than the retention, from the list and from the
	// history, and no others.
	"retention: sweep deletes events that are too old and no others": func(h *harness) {
		h.reopenWith(time.Hour)
		h.events.append(messageEvent("ann", "1"))
		time.Sleep(time.Hour - time.Second)
		h.sweep()
		h.equal("events", messageIDs(h.events.all()), []string{"1"})
		h.events.append(messageEvent("ann", "2"))
		time.Sleep(2 * time.Second)
		h.sweep()
		h.equal("events", messageIDs(h.events.all()), []string{"2"})
		h.equal("history", messageIDs(h.events.history(9)), []string{"2"})
	},
	// Events fails with a SweptError when events above the cursor were deleted for their
	// age, whatever the filter; the error's Oldest is a cursor to go on from.
	"retention: a cursor below what was swept gets the oldest cursor, from which a reader goes on": func(h *harness) {
		h.reopenWith(time.Hour)
		cursors := appendAndSweep(h)
		for _, f := range []journal.EventFilter{{}, {Channel: "web"}, {Channel: "web", Sender: "bob"}} {
			for _, after := range []int64{0, cursors[0], cursors[1] - 1} {
				oldest := h.events.wantSwept(f, after)
				if oldest <= after || oldest >= cursors[2] {
					h.Fatalf("the oldest cursor is %d, above %d and cursors %v", oldest, after, cursors)
				}
				want := h.events.page(f, -1, 9)
				h.equal("page", h.events.page(f, oldest, 9), want)
			}
			h.events.page(f, cursors[1], 9)
			h.events.page(f, cursors[3], 9)
		}
	},
	// A cursor below 0 lists from the oldest event that is kept, without an error.
	"retention: a cursor below 0 stands before the oldest that is kept": func(h *harness) {
		h.reopenWith(time.Hour)
		appendAndSweep(h)
		for _, after := range []int64{-1, -99} {
			h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, after, 9).Events), []string{"c", "d"})
			h.equal("events", messageIDs(h.events.page(journal.EventFilter{Channel: "web", Sender: "bob"}, after, 9).Events), []string{"d"})
			page := h.events.page(journal.EventFilter{}, after, 1)
			h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, page.Next, 9).Events), []string{"d"})
		}
	},
	// When all events were deleted for their age, Newest stays as it was, and later events
	// have higher cursors.
	"retention: the newest cursor stays when all is swept": func(h *harness) {
		h.reopenWith(time.Hour)
		cursors := appendAndSweep(h)
		time.Sleep(2 * time.Hour)
		h.sweep()
		h.events.want()
		h.equal("newest", h.events.newest(), cursors[3])
		h.equal("page", h.events.page(journal.EventFilter{}, h.events.wantSwept(journal.EventFilter{}, 0), 9), journal.EventPage{Next: cursors[3]})
		h.equal("page", h.events.page(journal.EventFilter{}, -1, 9), journal.EventPage{Next: cursors[3]})
		h.events.append(messageEvent("ann", "e"))
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, cursors[3], 9).Events), []string{"e"})
	},
	// Sweep deletes the address of a conversation whose last message is older than the
	// retention.
	"retention: an address that is too old is swept": func(h *harness) {
		h.reopenWith(time.Hour)
		h.inbox.enqueue(messageFrom("C1", "1"))
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		time.Sleep(time.Hour - time.Second)
		h.sweep()
		h.outbox.wantAddress(ann, "C1")
		time.Sleep(2 * time.Second)
		h.sweep()
		h.outbox.wantAddress(ann, "unknown")
	},
	// Sweep deletes neither what waits nor dead letters when they are older than the
	// retention of events.
	"retention: what waits and dead letters are kept": func(h *harness) {
		h.reopenWith(time.Hour)
		h.deadLetters.add("1")
		h.outbox.storeParts("ann", "a1")
		h.inbox.enqueueNew("ann", "2")
		time.Sleep(journal.DefaultStaleAfter - time.Minute)
		h.sweep()
		h.deadLetters.want("1")
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("a1")
		h.inbox.answerInOrder("2")
	},
	// Sweep deletes dead letters that are older than Env.DeadLetterRetention, of messages and
	// of parts, and no others.
	"retention: dead letters that are too old are swept": func(h *harness) {
		h.env.DeadLetterRetention = 72 * time.Hour
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.deadLetters.add("1")
		h.outbox.pushParts("p", "a")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		h.deadLetters.add("2")
		time.Sleep(71*time.Hour - time.Second)
		h.sweep()
		h.deadLetters.want("1", "a", "2")
		time.Sleep(2 * time.Second)
		h.sweep()
		h.deadLetters.want("2")
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// Without Env.DeadLetterRetention journal.DefaultDeadLetterRetention holds.
	"retention: dead letters are kept for the default": func(h *harness) {
		h.deadLetters.add("1")
		time.Sleep(journal.DefaultDeadLetterRetention - time.Second)
		h.sweep()
		h.deadLetters.want("1")
		time.Sleep(2 * time.Second)
		h.sweep()
		h.deadLetters.want()
	},
	// When the retention is shorter than the window, Sweep deletes the replies of an asked
	// message, and its key stays known.
	"retention: shorter than the window it takes the replies, not the key": func(h *harness) {
		h.reopenWith(time.Hour)
		h.asks.askAndEnd("1", journal.OutcomeDone, "a", "b")
		h.asks.askAndEnd("2", journal.OutcomeFailed)
		time.Sleep(time.Hour + time.Second)
		h.asks.askAndEnd("3", journal.OutcomeInterrupted, "c")
		h.sweep()
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true})
		h.equal("known", h.asks.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateFailed})
		h.equal("known", h.asks.recall("3"), journal.Known{
			Digest: []byte("digest of 3"), State: journal.StateInterrupted, Replies: repliesOf("c"),
		})
		lock := h.asks.acquire()
		defer lock.Release()
		h.equal("known", h.asks.beginKnown(lock, "digest of 1"), h.asks.recall("1"))
	},
	// With retention 0 events, of turns, pushes and AppendEvents, are kept without the text
	// of messages and replies; addresses stay.
	"retention 0: events are kept without what was written": func(h *harness) {
		h.reopenWith(0)
		m := messageFrom("C1", "1")
		m.Attachments, m.Metadata = fullMessage().Attachments, fullMessage().Metadata
		h.inbox.enqueue(m)
		reply, sent := replyEvent("ann", "1", fullPart().Reply), partEvent(channels.EventSent, "p")
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{
			Events: []channels.Event{reply, sent}, End: &journal.End{Outcome: journal.OutcomeDone},
		})
		h.outbox.wantAddress(ann, "C1")
		p := pushOf("2", "a")
		p.Events = []channels.Event{reply}
		h.outbox.pushNew(p)
		h.events.append(messageEvent("ann", "3"), reply)
		want := []channels.Event{
			journal.MessageEvent(&m).WithoutText(), reply.WithoutText(), sent, reply.WithoutText(),
			messageEvent("ann", "3").WithoutText(), reply.WithoutText(),
		}
		h.events.want(want...)
		h.events.wantEqual(h.events.history(9), want[0], want[1], want[3], want[4], want[5])
	},
	// With retention 0 Recall returns no replies and says that they are forgotten, if there
	// were any.
	"retention 0: replies of an asked message are forgotten": func(h *harness) {
		h.reopenWith(0)
		h.asks.askAndEnd("1", journal.OutcomeDone, "a")
		h.asks.askAndEnd("2", journal.OutcomeInterrupted)
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true})
		h.equal("forgotten", h.asks.recall("2").Forgotten, false)
		for _, e := range h.events.all() {
			h.events.wantEqual([]channels.Event{e}, e.WithoutText())
		}
	},
	// With retention 0 messages, parts and dead letters keep their text, since they are
	// still to be worked on.
	"retention 0: messages, parts and dead letters keep their text": func(h *harness) {
		h.reopenWith(0)
		h.inbox.enqueue(fullMessage())
		turn := h.inbox.next("1")
		h.equal("message", turn.Message, fullMessage())
		h.inbox.end(turn.Claim, journal.OutcomeFailed)
		h.equal("message", *h.deadLetters.want("1")[0].Message, fullMessage())
		h.OpenOutbox(Slots("web"))
		h.outbox.pushNew(journal.Push{Key: keyOf("bob", "p"), Window: window, Parts: []channels.Part{fullPart()}})
		h.equal("part", h.outbox.next("full").Part, fullPart())
	},
	// With retention 0 events are kept, without text, for journal.DefaultRetention.
	"retention 0: keeps events for the default": func(h *harness) {
		h.reopenWith(0)
		h.events.append(messageEvent("ann", "1"))
		time.Sleep(journal.DefaultRetention - time.Second)
		h.sweep()
		h.equal("events", len(h.events.all()), 1)
		time.Sleep(2 * time.Second)
		h.sweep()
		h.events.want()
	},
	// When the context has ended, Sweep returns its error.
	"retention: sweep heeds its context": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		_, err := h.Sweep(ctx, 9)
		h.wantErr("Sweep", err, context.Canceled)
	},
}
