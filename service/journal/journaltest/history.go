package journaltest

import (
	"fmt"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var historyTests = map[string]func(*harness){
	// History returns the last n messages and replies of a conversation, the oldest first,
	// and no event of another kind.
	"history: is the last messages and replies, the oldest first": func(h *harness) {
		for i := range 3 {
			id := fmt.Sprint(i)
			h.events.append(
				messageEvent("ann", id), newEvent(channels.EventSent, "ann", id), messageEvent("bob", id),
				replyEvent("ann", id, channels.Reply{Text: id}), newEvent(channels.EventUndelivered, "ann", id),
				newEvent(channels.EventExpired, "ann", id), newEvent(channels.EventFailed, "ann", id),
				newEvent(channels.EventInterrupted, "ann", id),
			)
		}
		m, r := channels.EventMessage, channels.EventReply
		for n, want := range map[int][]channels.EventKind{
			1: {r}, 2: {m, r}, 5: {r, m, r, m, r}, 6: {m, r, m, r, m, r}, 7: {m, r, m, r, m, r}, 1000: {m, r, m, r, m, r},
		} {
			h.equal(fmt.Sprint("last ", n), kinds(h.events.history(n)), want)
		}
		h.equal("messages", messageIDs(h.events.history(5)), []string{"0", "1", "1", "2", "2"})
		h.equal("none", len(h.events.history(0)), 0)
	},
	// History returns the same events as Events, with every field.
	"history: events are those that are listed": func(h *harness) {
		m := messageEvent("ann", "1")
		m.Message.Metadata = fullMessage().Metadata
		h.events.append(m, replyEvent("ann", "1", channels.Reply{Text: "a"}, fullPart().Reply))
		h.equal("history", h.events.history(9), h.events.all())
	},
	// History returns nothing of another sender or another channel.
	"history: other conversations are left out": func(h *harness) {
		appendMixed(h.events)
		h.equal("messages", messageIDs(h.events.history(9)), []string{"0", "4", "8"})
		es, err := h.History(h.Context(), channels.Conversation{Channel: "web", Sender: "cat"}, 9)
		h.wantErr("History", err, nil)
		h.equal("events", len(es), 0)
	},
	// History ends once it holds PageBytes, with the newest in it.
	"history: ends for its size": func(h *harness) {
		appendLarge(h.events, 4, journal.PageBytes/2)
		h.equal("messages", messageIDs(h.events.history(9)), []string{"2", "3"})
	},
	// History holds messages that were stored or asked once their turn has begun, their
	// replies, and what was pushed.
	"history: holds messages that were stored or asked, and pushes": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{
			Events: []channels.Event{replyEvent("ann", "1", channels.Reply{Text: "a"})},
			End:    &journal.End{Outcome: journal.OutcomeDone},
		})
		h.asks.askAndEnd("2", journal.OutcomeDone, "b")
		p := pushOf("3", "c")
		p.Events = []channels.Event{replyEvent("ann", "3", channels.Reply{Text: "c"})}
		h.outbox.pushNew(p)
		h.inbox.enqueueNew("ann", "4")
		h.equal("messages", messageIDs(h.events.history(9)), []string{"1", "1", "2", "2", "3"})
	},
}
