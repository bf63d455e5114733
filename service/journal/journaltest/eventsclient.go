package journaltest

import (
	"errors"
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

// eventsClient appends events and reads them.
type eventsClient struct {
	*store
}

// append commits events that belong to no turn.
func (c eventsClient) append(es ...channels.Event) {
	c.Helper()
	if err := c.AppendEvents(c.Context(), es...); err != nil {
		c.Fatalf("AppendEvents: %v", err)
	}
}

// page returns one page of events.
func (c eventsClient) page(f journal.EventFilter, after int64, limit int) journal.EventPage {
	c.Helper()
	page, err := c.Events(c.Context(), f, after, limit)
	if err != nil {
		c.Fatalf("Events above %d: %v", after, err)
	}
	return page
}

// all returns all events that the store keeps, after it has checked that their cursors
// rise.
func (c eventsClient) all() []channels.Event {
	c.Helper()
	page := c.page(journal.EventFilter{}, -1, 1000)
	last := int64(0)
	for _, e := range page.Events {
		if e.Cursor <= last {
			c.Fatalf("cursor %d follows %d", e.Cursor, last)
		}
		last = e.Cursor
	}
	return page.Events
}

// want checks that the store keeps these events, in this order, and no others.
func (c eventsClient) want(want ...channels.Event) {
	c.Helper()
	c.wantEqual(c.all(), want...)
}

// wantEqual compares events without their cursors, which the store chooses, and with
// times to the microsecond, which is what a store must keep of them.
func (c eventsClient) wantEqual(got []channels.Event, want ...channels.Event) {
	c.Helper()
	c.equal("events", withoutCursors(got), withoutCursors(want))
}

// wantSwept checks that events above the cursor were deleted for their age, and returns the
// oldest cursor from which a reader can go on.
func (c eventsClient) wantSwept(f journal.EventFilter, after int64) int64 {
	c.Helper()
	_, err := c.Events(c.Context(), f, after, 9)
	var swept *journal.SweptError
	if !errors.As(err, &swept) {
		c.Fatalf("Events above %d: error %v, want a SweptError", after, err)
	}
	return swept.Oldest
}

// newest returns the cursor of the newest event.
func (c eventsClient) newest() int64 {
	c.Helper()
	cursor, err := c.Newest(c.Context())
	if err != nil {
		c.Fatalf("Newest: %v", err)
	}
	return cursor
}

// history returns the last n messages and replies of ann's.
func (c eventsClient) history(n int) []channels.Event {
	c.Helper()
	es, err := c.History(c.Context(), ann, n)
	if err != nil {
		c.Fatalf("History: %v", err)
	}
	return es
}

// withoutCursors returns events in the form in which wantEqual compares them.
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

// messageIDs returns the message ids of events.
func messageIDs(es []channels.Event) []string {
	all := make([]string, len(es))
	for i, e := range es {
		all[i] = e.MessageID
	}
	return all
}
