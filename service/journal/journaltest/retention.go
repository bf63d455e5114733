package journaltest

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// wantSwept checks that events above the cursor were deleted for their age, and returns the
// oldest cursor from which a reader can go on.
func (h *harness) wantSwept(f journal.EventFilter, after int64) int64 {
	h.Helper()
	_, err := h.Events(h.Context(), f, after, 9)
	var swept *journal.SweptError
	if !errors.As(err, &swept) {
		h.Fatalf("Events above %d: error %v, want a SweptError", after, err)
	}
	return swept.Oldest
}

// appendAndSweep appends messages a and b, lets the retention pass, appends c, and d of
// bob's, and sweeps when only a and b are too old. It returns the cursors of all four.
func (h *harness) appendAndSweep() []int64 {
	h.Helper()
	h.appendEvents(messageEvent("ann", "a"))
	h.appendEvents(messageEvent("ann", "b"))
	time.Sleep(h.env.Retention)
	h.appendEvents(messageEvent("ann", "c"))
	h.appendEvents(messageEvent("bob", "d"))
	var cursors []int64
	for _, e := range h.storedEvents() {
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
		h.appendEvents(messageEvent("ann", "1"))
		time.Sleep(time.Hour - time.Second)
		h.sweep()
		h.equal("events", messageIDs(h.storedEvents()), []string{"1"})
		h.appendEvents(messageEvent("ann", "2"))
		time.Sleep(2 * time.Second)
		h.sweep()
		h.equal("events", messageIDs(h.storedEvents()), []string{"2"})
		h.equal("history", messageIDs(h.history(9)), []string{"2"})
	},
	// Events fails with a SweptError when events above the cursor were deleted for their
	// age, whatever the filter; the error's Oldest is a cursor to go on from.
	"retention: a cursor below what was swept gets the oldest cursor, from which a reader goes on": func(h *harness) {
		h.reopenWith(time.Hour)
		cursors := h.appendAndSweep()
		for _, f := range []journal.EventFilter{{}, {Channel: "web"}, {Channel: "web", Sender: "bob"}} {
			for _, after := range []int64{0, cursors[0], cursors[1] - 1} {
				oldest := h.wantSwept(f, after)
				if oldest <= after || oldest >= cursors[2] {
					h.Fatalf("the oldest cursor is %d, above %d and cursors %v", oldest, after, cursors)
				}
				want := h.page(f, -1, 9)
				h.equal("page", h.page(f, oldest, 9), want)
			}
			h.page(f, cursors[1], 9)
			h.page(f, cursors[3], 9)
		}
	},
	// A cursor below 0 lists from the oldest event that is kept, without an error.
	"retention: a cursor below 0 stands before the oldest that is kept": func(h *harness) {
		h.reopenWith(time.Hour)
		h.appendAndSweep()
		for _, after := range []int64{-1, -99} {
			h.equal("events", messageIDs(h.page(journal.EventFilter{}, after, 9).Events), []string{"c", "d"})
			h.equal("events", messageIDs(h.page(journal.EventFilter{Channel: "web", Sender: "bob"}, after, 9).Events), []string{"d"})
			page := h.page(journal.EventFilter{}, after, 1)
			h.equal("events", messageIDs(h.page(journal.EventFilter{}, page.Next, 9).Events), []string{"d"})
		}
	},
	// When all events were deleted for their age, Newest stays as it was, and later events
	// have higher cursors.
	"retention: the newest cursor stays when all is swept": func(h *harness) {
		h.reopenWith(time.Hour)
		cursors := h.appendAndSweep()
		time.Sleep(2 * time.Hour)
		h.sweep()
		h.wantEvents()
		h.equal("newest", h.newest(), cursors[3])
		h.equal("page", h.page(journal.EventFilter{}, h.wantSwept(journal.EventFilter{}, 0), 9), journal.EventPage{Next: cursors[3]})
		h.equal("page", h.page(journal.EventFilter{}, -1, 9), journal.EventPage{Next: cursors[3]})
		h.appendEvents(messageEvent("ann", "e"))
		h.equal("events", messageIDs(h.page(journal.EventFilter{}, cursors[3], 9).Events), []string{"e"})
	},
	// Sweep deletes the address of a conversation whose last message is older than the
	// retention.
	"retention: an address that is too old is swept": func(h *harness) {
		h.reopenWith(time.Hour)
		h.enqueue(messageFrom("C1", "1"))
		h.end(h.next("1").Claim, journal.OutcomeDone)
		time.Sleep(time.Hour - time.Second)
		h.sweep()
		h.wantAddress(ann, "C1")
		time.Sleep(2 * time.Second)
		h.sweep()
		h.wantAddress(ann, "unknown")
	},
	// Sweep deletes neither what waits nor dead letters when they are older than the
	// retention of events.
	"retention: what waits and dead letters are kept": func(h *harness) {
		h.reopenWith(time.Hour)
		h.makeDeadLetters("1")
		h.storeParts("ann", "a1")
		h.enqueueNew("ann", "2")
		time.Sleep(journal.DefaultStaleAfter - time.Minute)
		h.sweep()
		h.wantDeadLetters("1")
		h.OpenOutbox(Slots("web"))
		h.sendInOrder("a1")
		h.answerInOrder("2")
	},
	// Sweep deletes dead letters that are older than Env.DeadLetterRetention, of messages and
	// of parts, and no others.
	"retention: dead letters that are too old are swept": func(h *harness) {
		h.env.DeadLetterRetention = 72 * time.Hour
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.makeDeadLetters("1")
		h.pushParts("p", "a")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		h.makeDeadLetters("2")
		time.Sleep(71*time.Hour - time.Second)
		h.sweep()
		h.wantDeadLetters("1", "a", "2")
		time.Sleep(2 * time.Second)
		h.sweep()
		h.wantDeadLetters("2")
		h.wantDepth(journal.Depth{DeadLetters: 1})
	},
	// Without Env.DeadLetterRetention journal.DefaultDeadLetterRetention holds.
	"retention: dead letters are kept for the default": func(h *harness) {
		h.makeDeadLetters("1")
		time.Sleep(journal.DefaultDeadLetterRetention - time.Second)
		h.sweep()
		h.wantDeadLetters("1")
		time.Sleep(2 * time.Second)
		h.sweep()
		h.wantDeadLetters()
	},
	// When the retention is shorter than the window, Sweep deletes the replies of an asked
	// message, and its key stays known.
	"retention: shorter than the window it takes the replies, not the key": func(h *harness) {
		h.reopenWith(time.Hour)
		h.askAndEnd("1", journal.OutcomeDone, "a", "b")
		h.askAndEnd("2", journal.OutcomeFailed)
		time.Sleep(time.Hour + time.Second)
		h.askAndEnd("3", journal.OutcomeInterrupted, "c")
		h.sweep()
		h.equal("known", h.recall("1"), journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true})
		h.equal("known", h.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateFailed})
		h.equal("known", h.recall("3"), journal.Known{
			Digest: []byte("digest of 3"), State: journal.StateInterrupted, Replies: repliesOf("c"),
		})
		lock := h.acquire()
		defer lock.Release()
		h.equal("known", h.beginKnown(lock, "digest of 1"), h.recall("1"))
	},
	// With retention 0 events, of turns, pushes and AppendEvents, are kept without the text
	// of messages and replies; addresses stay.
	"retention 0: events are kept without what was written": func(h *harness) {
		h.reopenWith(0)
		m := messageFrom("C1", "1")
		m.Attachments, m.Metadata = fullMessage().Attachments, fullMessage().Metadata
		h.enqueue(m)
		reply, sent := replyEvent("ann", "1", fullPart().Reply), partEvent(channels.EventSent, "p")
		h.settle(h.next("1").Claim, journal.Step{
			Events: []channels.Event{reply, sent}, End: &journal.End{Outcome: journal.OutcomeDone},
		})
		h.wantAddress(ann, "C1")
		p := pushOf("2", "a")
		p.Events = []channels.Event{reply}
		h.pushNew(p)
		h.appendEvents(messageEvent("ann", "3"), reply)
		want := []channels.Event{
			journal.MessageEvent(&m).WithoutText(), reply.WithoutText(), sent, reply.WithoutText(),
			messageEvent("ann", "3").WithoutText(), reply.WithoutText(),
		}
		h.wantEvents(want...)
		h.equalEvents(h.history(9), want[0], want[1], want[3], want[4], want[5])
	},
	// With retention 0 Recall returns no replies and says that they are forgotten, if there
	// were any.
	"retention 0: replies of an asked message are forgotten": func(h *harness) {
		h.reopenWith(0)
		h.askAndEnd("1", journal.OutcomeDone, "a")
		h.askAndEnd("2", journal.OutcomeInterrupted)
		h.equal("known", h.recall("1"), journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true})
		h.equal("forgotten", h.recall("2").Forgotten, false)
		for _, e := range h.storedEvents() {
			h.equalEvents([]channels.Event{e}, e.WithoutText())
		}
	},
	// With retention 0 messages, parts and dead letters keep their text, since they are
	// still to be worked on.
	"retention 0: messages, parts and dead letters keep their text": func(h *harness) {
		h.reopenWith(0)
		h.enqueue(fullMessage())
		turn := h.next("1")
		h.equal("message", turn.Message, fullMessage())
		h.end(turn.Claim, journal.OutcomeFailed)
		h.equal("message", *h.wantDeadLetters("1")[0].Message, fullMessage())
		h.OpenOutbox(Slots("web"))
		h.pushNew(journal.Push{Key: keyOf("bob", "p"), Window: window, Parts: []channels.Part{fullPart()}})
		h.equal("part", h.nextPart("full").Part, fullPart())
	},
	// With retention 0 events are kept, without text, for journal.DefaultRetention.
	"retention 0: keeps events for the default": func(h *harness) {
		h.reopenWith(0)
		h.appendEvents(messageEvent("ann", "1"))
		time.Sleep(journal.DefaultRetention - time.Second)
		h.sweep()
		h.equal("events", len(h.storedEvents()), 1)
		time.Sleep(2 * time.Second)
		h.sweep()
		h.wantEvents()
	},
	// When the context has ended, Sweep returns its error.
	"retention: sweep heeds its context": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		_, err := h.Sweep(ctx, 9)
		h.wantErr("Sweep", err, context.Canceled)
	},
}
