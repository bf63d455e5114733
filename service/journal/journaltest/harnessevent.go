package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// newEvent returns an event of the sender on channel "web" that happens now.
func newEvent(kind channels.EventKind, sender, id string) channels.Event {
	return channels.Event{Kind: kind, Channel: "web", Sender: sender, MessageID: id, Time: time.Now()}
}

// replyEvent returns the event of one reply, with its parts.
func replyEvent(sender, id string, parts ...channels.Reply) channels.Event {
	e := newEvent(channels.EventReply, sender, id)
	e.Replies = parts
	return e
}

// messageEvent returns the event of message(sender, id).
func messageEvent(sender, id string) channels.Event {
	m := message(sender, id)
	return journal.MessageEvent(&m)
}

// appendEvents commits events that belong to no turn.
func (h *harness) appendEvents(es ...channels.Event) {
	h.Helper()
	if err := h.AppendEvents(h.Context(), es...); err != nil {
		h.Fatalf("AppendEvents: %v", err)
	}
}

// page returns one page of events.
func (h *harness) page(f journal.EventFilter, after int64, limit int) journal.EventPage {
	h.Helper()
	page, err := h.Events(h.Context(), f, after, limit)
	if err != nil {
		h.Fatalf("Events above %d: %v", after, err)
	}
	return page
}

// storedEvents returns all events that the store keeps, after it has checked that their
// cursors rise.
func (h *harness) storedEvents() []channels.Event {
	h.Helper()
	page := h.page(journal.EventFilter{}, -1, 1000)
	last := int64(0)
	for _, e := range page.Events {
		if e.Cursor <= last {
			h.Fatalf("cursor %d follows %d", e.Cursor, last)
		}
		last = e.Cursor
	}
	return page.Events
}

// wantEvents checks that the store keeps these events, in this order, and no others.
func (h *harness) wantEvents(want ...channels.Event) {
	h.Helper()
	h.equalEvents(h.storedEvents(), want...)
}

// equalEvents compares events without their cursors, which the store chooses, and with
// times to the microsecond, which is what a store must keep of them.
func (h *harness) equalEvents(got []channels.Event, want ...channels.Event) {
	h.Helper()
	h.equal("events", withoutCursors(got), withoutCursors(want))
}

// withoutCursors returns events in the form in which equalEvents compares them.
func withoutCursors(es []channels.Event) []channels.Event {
	all := make([]channels.Event, len(es))
	for i, e := range es {
		e.Cursor, e.Time = 0, e.Time.Truncate(time.Microsecond)
		all[i] = e
	}
	return all
}

// kinds returns the kinds of events.
func kinds(es []channels.Event) []channels.EventKind {
	all := make([]channels.EventKind, len(es))
	for i, e := range es {
		all[i] = e.Kind
	}
	return all
}

// newest returns the cursor of the newest event.
func (h *harness) newest() int64 {
	h.Helper()
	cursor, err := h.Newest(h.Context())
	if err != nil {
		h.Fatalf("Newest: %v", err)
	}
	return cursor
}

// history returns the last n messages and replies of ann's.
func (h *harness) history(n int) []channels.Event {
	h.Helper()
	es, err := h.History(h.Context(), ann, n)
	if err != nil {
		h.Fatalf("History: %v", err)
	}
	return es
}

// messageIDs returns the message ids of events.
func messageIDs(es []channels.Event) []string {
	all := make([]string, len(es))
	for i, e := range es {
		all[i] = e.MessageID
	}
	return all
}
