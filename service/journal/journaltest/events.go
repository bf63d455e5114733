package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var eventTests = map[string]func(*harness){
	// Events are listed in the order in which they were appended, with every field as it
	// was and times to the microsecond.
	"events: come back as they were": func(h *harness) {
		m := fullMessage()
		undelivered := partEvent(channels.EventUndelivered, "p")
		undelivered.Time = undelivered.Time.Add(1234567 * time.Microsecond)
		reply := replyEvent("ann", "1", channels.Reply{RecipientID: "ann", Text: "a"}, fullPart().Reply)
		h.events.append(journal.MessageEvent(&m), reply, undelivered, newEvent(channels.EventExpired, "ann", ""))
		h.events.want(journal.MessageEvent(&m), reply, undelivered, newEvent(channels.EventExpired, "ann", ""))
		h.events.append()
	},
	// The event of a stored message is appended when its first attempt is claimed, not when
	// it is stored, and later attempts append none.
	"events: a stored message's is appended with its first attempt, and once": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		m := messageEvent("ann", "1")
		h.events.want()
		turn := h.inbox.next("1")
		h.events.want(m)
		h.inbox.retry(turn.Claim, time.Hour)
		time.Sleep(time.Hour)
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.events.want(m)
	},
	// The event of a stored message holds the whole message and comes before the events of
	// its turn.
	"events: a stored message's is all of it, before its turn's replies": func(h *harness) {
		m := fullMessage()
		h.inbox.enqueue(m)
		reply := channels.Event{
			Kind: channels.EventReply, Channel: m.Channel, Sender: m.Sender, MessageID: m.ID,
			Time: time.Now(), Replies: []channels.Reply{fullPart().Reply},
		}
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{Events: []channels.Event{reply}})
		h.events.want(journal.MessageEvent(&m), reply)
	},
	// The first attempt after a replay appends the message's event again.
	"events: a message that is replayed has its turn anew, and a new event": func(h *harness) {
		h.deadLetters.add("1")
		m := messageEvent("ann", "1")
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.events.want(m)
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.events.want(m, m)
	},
	// The events of each step are appended in order when the step is committed, those of
	// the last step together with the turn's end.
	"events: of steps are appended in order, with that of the end": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		m := messageEvent("ann", "1")
		turn := h.inbox.next("1")
		a, b, c := replyEvent("ann", "1", channels.Reply{Text: "a"}), replyEvent("ann", "1", channels.Reply{Text: "b"}),
			replyEvent("ann", "1", channels.Reply{Text: "c"})
		failed := newEvent(channels.EventInterrupted, "ann", "1")
		failed.Reason = "because"
		h.inbox.settle(turn.Claim, journal.Step{Parts: []channels.Part{part("ann", "p")}, Events: []channels.Event{a}})
		h.events.want(m, a)
		h.inbox.settle(turn.Claim, journal.Step{Shown: true})
		h.inbox.settle(turn.Claim, journal.Step{Events: []channels.Event{b, c}, End: &journal.End{Outcome: journal.OutcomeRetry}})
		h.events.want(m, a, b, c)
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{
			Events: []channels.Event{failed}, End: &journal.End{Outcome: journal.OutcomeInterrupted},
		})
		h.events.want(m, a, b, c, failed)
	},
	// Settle that fails with ErrFenced appends no event.
	"events: a fenced step adds none": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		newest := h.events.newest()
		step := journal.Step{Events: []channels.Event{replyEvent("ann", "1", channels.Reply{Text: "a"})}}
		h.wantErr("Settle", h.Settle(h.Context(), turn.Claim, step), journal.ErrFenced)
		h.equal("newest", h.events.newest(), newest)
	},
	// A step counts as one that showed something when it has parts or says Shown, and not
	// when it has only events.
	"events: a step without parts shows something when it says so": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		turn := h.inbox.next("1")
		h.inbox.settle(turn.Claim, journal.Step{Events: []channels.Event{newEvent(channels.EventSent, "ann", "1")}})
		h.inbox.settle(turn.Claim, journal.Step{Shown: true})
		h.inbox.settle(turn.Claim, journal.Step{Shown: true, Parts: []channels.Part{part("ann", "p")}})
		h.inbox.retry(turn.Claim, 0)
		h.equal("shown", h.inbox.next("1").Shown, 2)
	},
	// Newest returns the cursor of the last event, and 0 before there is one.
	"events: newest is the cursor of the last, 0 before the first": func(h *harness) {
		h.equal("newest", h.events.newest(), int64(0))
		h.events.append(messageEvent("ann", "1"), messageEvent("bob", "2"))
		es := h.events.all()
		h.equal("newest", h.events.newest(), es[1].Cursor)
		h.inbox.enqueueNew("ann", "3")
		h.equal("newest", h.events.newest(), es[1].Cursor)
		h.inbox.next("3")
		h.equal("newest", h.events.newest(), h.events.all()[2].Cursor)
	},
	// When the context has ended, AppendEvents returns its error and has appended none of
	// the events.
	"events: an ended context appends nothing": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.wantErr("AppendEvents", h.AppendEvents(ctx, messageEvent("ann", "1")), context.Canceled)
		h.events.want()
	},
}
