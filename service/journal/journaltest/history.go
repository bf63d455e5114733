package journaltest

import (
	"fmt"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var historyTests = map[string]func(*desk){
	"history: is the last messages and replies, the oldest first": func(d *desk) {
		for i := range 3 {
			id := fmt.Sprint(i)
			d.note(
				came("ann", id), happened(channels.EventSent, "ann", id), came("bob", id),
				replied("ann", id, channels.Reply{Text: id}), happened(channels.EventUndelivered, "ann", id),
				happened(channels.EventExpired, "ann", id), happened(channels.EventFailed, "ann", id),
				happened(channels.EventInterrupted, "ann", id),
			)
		}
		m, r := channels.EventMessage, channels.EventReply
		for n, want := range map[int][]channels.EventKind{
			1: {r}, 2: {m, r}, 5: {r, m, r, m, r}, 6: {m, r, m, r, m, r}, 7: {m, r, m, r, m, r}, 1000: {m, r, m, r, m, r},
		} {
			d.same(fmt.Sprint("last ", n), kinds(d.history(n)), want)
		}
		d.same("messages", ids(d.history(5)), []string{"0", "1", "1", "2", "2"})
		d.same("none", len(d.history(0)), 0)
	},
	"history: events are those that are listed": func(d *desk) {
		m := came("ann", "1")
		m.Message.Metadata = fullMessage().Metadata
		d.note(m, replied("ann", "1", channels.Reply{Text: "a"}, fullPart().Reply))
		d.same("history", d.history(9), d.kept())
	},
	"history: other conversations are left out": func(d *desk) {
		d.noteMixed()
		d.same("messages", ids(d.history(9)), []string{"0", "4", "8"})
		es, err := d.History(d.Context(), channels.Conversation{Channel: "web", Sender: "cat"}, 9)
		d.is("History", err, nil)
		d.same("events", len(es), 0)
	},
	"history: holds messages that were stored or asked, and pushes": func(d *desk) {
		d.put("ann", "1")
		d.settle(d.next("1").Claim, journal.Step{
			Events: []channels.Event{replied("ann", "1", channels.Reply{Text: "a"})},
			End:    &journal.End{Outcome: journal.OutcomeDone},
		})
		d.asked("2", journal.OutcomeDone, "b")
		p := pushOf("3", "c")
		p.Events = []channels.Event{replied("ann", "3", channels.Reply{Text: "c"})}
		d.pushed(p)
		d.put("ann", "4")
		d.same("messages", ids(d.history(9)), []string{"1", "1", "2", "2", "3"})
	},
}
