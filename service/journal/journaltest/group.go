package journaltest

import (
	"fmt"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// turnEvents returns the events of a turn of ann's with so many replies, a second apart.
func turnEvents(id string, replies int) []channels.Event {
	es := []channels.Event{messageEvent("ann", id)}
	for n := range replies {
		e := replyEvent("ann", id, channels.Reply{Text: fmt.Sprint(id, ", reply ", n)})
		e.Time = e.Time.Add(time.Duration(n+1) * time.Second)
		es = append(es, e)
	}
	return es
}

var groupTests = map[string]func(*harness){
	// Events of one message that are appended together come back as they were, each with a
	// cursor of its own, in the order of all; Newest is the last's.
	"group: events of one message have cursors of their own": func(h *harness) {
		want := turnEvents("1", 3)
		failed := newEvent(channels.EventFailed, "ann", "1")
		failed.Reason = "because"
		want = append(want, failed)
		h.events.append(want...)
		h.events.append(newEvent(channels.EventSent, "ann", "1"))
		want = append(want, newEvent(channels.EventSent, "ann", "1"))
		h.events.want(want...)
		got := h.events.all()
		h.equal("newest", h.events.newest(), got[len(got)-1].Cursor)
		h.equal("cursors taken", got[len(got)-1].Cursor-got[0].Cursor, int64(len(got)-1))
	},
	// Turns of any number that are appended together keep their order, and take one cursor
	// for each event.
	"group: any number of turns may be appended together": func(h *harness) {
		var want []channels.Event
		for turns := range 20 {
			var es []channels.Event
			for n := range turns {
				es = append(es, turnEvents(fmt.Sprint(turns, "of", n), n%3)...)
			}
			h.events.append(es...)
			want = append(want, es...)
		}
		h.events.want(want...)
		got := h.events.all()
		h.equal("cursors taken", got[len(got)-1].Cursor-got[0].Cursor, int64(len(got)-1))
	},
	// A reader goes on from any of the cursors, with pages of any size, and gets each event
	// once, also by a filter.
	"group: a reader goes on between them": func(h *harness) {
		h.events.append(messageEvent("bob", "b"))
		h.events.append(append(turnEvents("1", 4), turnEvents("2", 2)...)...)
		h.events.append(messageEvent("bob", "c"))
		all := h.events.all()
		for _, f := range []journal.EventFilter{{}, {Channel: "web"}, {Channel: "web", Sender: "ann"}} {
			var want []channels.Event
			for _, e := range all {
				if f.Lets(&e) {
					want = append(want, e)
				}
			}
			for limit := 1; limit <= len(want)+1; limit++ {
				var got []channels.Event
				for after, more := int64(0), true; more; {
					page := h.events.page(f, after, limit)
					if len(page.Events) > limit || page.More != (len(got)+len(page.Events) < len(want)) {
						h.Fatalf("a page of %d has %d events, more: %v", limit, len(page.Events), page.More)
					}
					got, after, more = append(got, page.Events...), page.Next, page.More
				}
				h.equal(fmt.Sprintf("events in pages of %d", limit), got, want)
			}
			for i, e := range want {
				h.equal("events above a cursor", h.events.page(f, e.Cursor, 99).Events, append([]channels.Event(nil), want[i+1:]...))
			}
		}
	},
	// The history has the last n messages and replies, also when they were appended together,
	// and nothing else that was appended with them.
	"group: history cuts between them": func(h *harness) {
		want := append(turnEvents("1", 3), turnEvents("2", 2)...)
		failed := newEvent(channels.EventInterrupted, "ann", "2")
		h.events.append(append(append([]channels.Event{newEvent(channels.EventGap, "ann", "1")}, want...), failed)...)
		for n := range len(want) + 2 {
			h.events.wantEqual(h.events.history(n), want[len(want)-min(n, len(want)):]...)
		}
	},
	// A reader that waits gets all that were appended together at once.
	"group: a reader that waits gets all": func(h *harness) {
		changed := h.Changed()
		want := turnEvents("1", 2)
		go func() { h.events.append(want...) }()
		<-changed
		synctest.Wait()
		h.events.want(want...)
	},
	// With retention 0 none of them has what was written.
	"group: without text": func(h *harness) {
		h.reopenWith(0)
		es := turnEvents("1", 2)
		h.events.append(es...)
		for i, e := range h.events.all() {
			h.events.wantEqual([]channels.Event{e}, es[i].WithoutText())
		}
	},
	// They are swept and forgotten as others are, and a cursor between them is then one below
	// what was swept.
	"group: they are swept and forgotten": func(h *harness) {
		h.reopenWith(time.Hour)
		h.events.append(turnEvents("1", 2)...)
		cursors := h.events.all()
		time.Sleep(2 * time.Hour)
		h.events.append(turnEvents("2", 2)...)
		h.sweep()
		h.equal("events", messageIDs(h.events.all()), []string{"2", "2", "2"})
		h.events.wantSwept(journal.EventFilter{}, cursors[1].Cursor)
		_, err := h.Forget(h.Context(), ann)
		h.wantErr("Forget", err, nil)
		h.events.want()
	},
}
