package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// happened returns an event of a sender on channel "web", now.
func happened(kind channels.EventKind, sender, id string) channels.Event {
	return channels.Event{Kind: kind, Channel: "web", Sender: sender, MessageID: id, Time: time.Now()}
}

// replied returns the event of one reply.
func replied(sender, id string, parts ...channels.Reply) channels.Event {
	e := happened(channels.EventReply, sender, id)
	e.Replies = parts
	return e
}

// came returns the event of a message that comes in now.
func came(sender, id string) channels.Event {
	m := message(sender, id)
	return journal.MessageEvent(&m)
}

func (d *desk) note(es ...channels.Event) {
	d.Helper()
	if err := d.AppendEvents(d.Context(), es...); err != nil {
		d.Fatalf("Note: %v", err)
	}
}

// page lists events.
func (d *desk) page(f journal.EventFilter, after int64, limit int) journal.EventPage {
	d.Helper()
	page, err := d.Events(d.Context(), f, after, limit)
	if err != nil {
		d.Fatalf("Events above %d: %v", after, err)
	}
	return page
}

// kept lists all events that are kept; their cursors rise.
func (d *desk) kept() []channels.Event {
	d.Helper()
	page := d.page(journal.EventFilter{}, -1, 1000)
	last := int64(0)
	for _, e := range page.Events {
		if e.Cursor <= last {
			d.Fatalf("cursor %d follows %d", e.Cursor, last)
		}
		last = e.Cursor
	}
	return page.Events
}

// told checks all events that are kept.
func (d *desk) told(want ...channels.Event) {
	d.Helper()
	d.sameEvents(d.kept(), want...)
}

// sameEvents compares events but for their cursors, which are the store's. Their times
// are kept to the microsecond at least.
func (d *desk) sameEvents(got []channels.Event, want ...channels.Event) {
	d.Helper()
	d.same("events", plain(got), plain(want))
}

func plain(es []channels.Event) []channels.Event {
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

func (d *desk) newest() int64 {
	d.Helper()
	cursor, err := d.Newest(d.Context())
	if err != nil {
		d.Fatalf("Newest: %v", err)
	}
	return cursor
}

// history returns the last n messages and replies of ann's.
func (d *desk) history(n int) []channels.Event {
	d.Helper()
	es, err := d.History(d.Context(), ann, n)
	if err != nil {
		d.Fatalf("History: %v", err)
	}
	return es
}

// ids returns the message ids of events.
func ids(es []channels.Event) []string {
	all := make([]string, len(es))
	for i, e := range es {
		all[i] = e.MessageID
	}
	return all
}
