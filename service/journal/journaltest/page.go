package journaltest

import (
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// appendMessage appends the event of a message.
func appendMessage(events eventsClient, channel, sender, id string) {
	events.Helper()
	m := message(sender, id)
	m.Channel = channel
	events.append(journal.MessageEvent(&m))
}

// appendMixed appends the events of ten messages: 0, 4 and 8 of ann's on web, 2 and 6 of
// bob's on web, 1, 5 and 9 of ann's on phone, 3 and 7 of bob's on phone.
func appendMixed(events eventsClient) {
	events.Helper()
	for i := range 10 {
		appendMessage(events, []string{"web", "phone"}[i%2], []string{"ann", "bob"}[i/2%2], fmt.Sprint(i))
	}
}

// allPages reads all that the filter lets through, limit events a page, and checks that
// each page is full and says that there is more, but for the last.
func allPages(events eventsClient, f journal.EventFilter, limit int) (all []channels.Event) {
	events.Helper()
	for after := int64(-1); ; {
		page := events.page(f, after, limit)
		all = append(all, page.Events...)
		if !page.More {
			return all
		}
		events.equal("events of a page that is not the last", len(page.Events), limit)
		if page.Next <= after {
			events.Fatalf("cursor %d follows %d", page.Next, after)
		}
		after = page.Next
	}
}

// appendLarge appends n events of ann's, each with a reply of that many bytes.
func appendLarge(events eventsClient, n, size int) {
	events.Helper()
	for i := range n {
		events.append(replyEvent("ann", fmt.Sprint(i), channels.Reply{Image: strings.Repeat("x", size)}))
	}
}

var pageTests = map[string]func(*harness){
	// Pages of any size list all events of the filter's channel and sender, in order, and
	// no others.
	"page: the filter lets its channel and sender through": func(h *harness) {
		appendMixed(h.events)
		for _, limit := range []int{1, 2, 3, 5, 10, 99} {
			h.equal("all", messageIDs(allPages(h.events, journal.EventFilter{}, limit)), []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})
			h.equal("of web", messageIDs(allPages(h.events, journal.EventFilter{Channel: "web"}, limit)), []string{"0", "2", "4", "6", "8"})
			h.equal("of ann on web", messageIDs(allPages(h.events, journal.EventFilter{Channel: "web", Sender: "ann"}, limit)), []string{"0", "4", "8"})
			h.equal("of bob on phone", messageIDs(allPages(h.events, journal.EventFilter{Channel: "phone", Sender: "bob"}, limit)), []string{"3", "7"})
			h.equal("of nobody", len(allPages(h.events, journal.EventFilter{Channel: "web", Sender: "cat"}, limit)), 0)
		}
	},
	// A page says More when there are more events than the limit, and not when there are
	// just as many.
	"page: a full page says whether there are more events": func(h *harness) {
		appendMixed(h.events)
		for f, n := range map[journal.EventFilter]int{{}: 10, {Channel: "web"}: 5, {Channel: "web", Sender: "ann"}: 3} {
			page := h.events.page(f, 0, n)
			h.equal("events and more", []any{len(page.Events), page.More}, []any{n, false})
			page = h.events.page(f, 0, n-1)
			h.equal("events and more", []any{len(page.Events), page.More}, []any{n - 1, true})
		}
	},
	// A page lists the events above the cursor, and its Next is the newest cursor when
	// nothing is left.
	"page: lists what is above a cursor": func(h *harness) {
		appendMixed(h.events)
		es := h.events.all()
		for i, e := range es {
			page := h.events.page(journal.EventFilter{}, e.Cursor, 99)
			h.equal("events", len(page.Events), len(es)-i-1)
			h.equal("next", page.Next, h.events.newest())
		}
		h.equal("events", h.events.page(journal.EventFilter{}, es[0].Cursor-1, 99).Events, es)
	},
	// Next of a page moves on past events that the filter does not let through, also when
	// it lets none through.
	"page: next moves on past what the filter does not let through": func(h *harness) {
		f := journal.EventFilter{Channel: "web", Sender: "cat"}
		appendMixed(h.events)
		page := h.events.page(f, -1, 2)
		h.equal("page", page, journal.EventPage{Next: h.events.newest()})
		appendMessage(h.events, "web", "bob", "x")
		appendMessage(h.events, "web", "cat", "a")
		appendMessage(h.events, "phone", "cat", "y")
		page = h.events.page(f, page.Next, 2)
		h.equal("events", messageIDs(page.Events), []string{"a"})
		h.equal("next", page.Next, h.events.newest())
		appendMessage(h.events, "web", "cat", "b")
		page = h.events.page(f, page.Next, 2)
		h.equal("events", messageIDs(page.Events), []string{"b"})
	},
	// Reading on from Next of a page that is not the last one leaves out no event.
	"page: next of one that is not the last skips nothing": func(h *harness) {
		appendMixed(h.events)
		f := journal.EventFilter{Channel: "web"}
		page := h.events.page(f, 0, 2)
		h.equal("events", messageIDs(page.Events), []string{"0", "2"})
		appendMessage(h.events, "web", "cat", "a")
		h.equal("events", messageIDs(h.events.page(f, page.Next, 9).Events), []string{"4", "6", "8", "a"})
	},
	// A page ends once it holds PageBytes, says that there is more, and the next one goes on
	// behind it. One event alone may hold more.
	"page: ends for its size": func(h *harness) {
		appendLarge(h.events, 3, journal.PageBytes/2)
		appendLarge(h.events, 1, journal.PageBytes+1)
		appendLarge(h.events, 1, 1)
		for after, lengths := int64(-1), []int{2, 2, 1}; len(lengths) > 0; lengths = lengths[1:] {
			page := h.events.page(journal.EventFilter{}, after, 99)
			h.equal("events and more", []any{len(page.Events), page.More}, []any{lengths[0], len(lengths) > 1})
			after = page.Next
		}
	},
	// A page of an empty journal is empty, for every cursor, and its Next is a cursor to go
	// on from.
	"page: a reader of an empty journal can go on": func(h *harness) {
		for _, after := range []int64{-5, -1, 0} {
			page := h.events.page(journal.EventFilter{}, after, 9)
			h.equal("events and more", []any{len(page.Events), page.More}, []any{0, false})
		}
		page := h.events.page(journal.EventFilter{}, -1, 9)
		h.events.append(messageEvent("ann", "1"))
		h.equal("events", messageIDs(h.events.page(journal.EventFilter{}, page.Next, 9).Events), []string{"1"})
	},
}
