package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// eventModel is a store beside a list of the events that it must have. Few rows may be
// without an entry in the index, so that each call meets rows with and without.
type eventModel struct {
	*testing.T
	*sqlite.Store
	random *rand.Rand
	dir    string
	now    time.Time
	last   int64
	events []channels.Event
}

const modelRetention = 20 * time.Minute

func (m *eventModel) open() {
	m.Helper()
	o := sqlite.Options{Retention: modelRetention, Now: func() time.Time { return m.now }}
	s, err := sqlite.Open(m.Context(), m.dir, o.Indexing(5))
	if err != nil {
		m.Fatal(err)
	}
	m.Store = s
}

func (m *eventModel) conversation() channels.Conversation {
	return channels.Conversation{Channel: fmt.Sprint("web", m.random.IntN(2)), Sender: fmt.Sprint("sender", m.random.IntN(4))}
}

// append appends the events of some turns, of one to three events each.
func (m *eventModel) append() {
	m.Helper()
	var es []channels.Event
	for range 1 + m.random.IntN(4) {
		c, id := m.conversation(), fmt.Sprint(m.last+int64(len(es)))
		for i := range 1 + m.random.IntN(3) {
			e := channels.Event{Kind: channels.EventMessage, Channel: c.Channel, Sender: c.Sender, MessageID: id, Time: m.now}
			if i == 0 {
				e.Message = &channels.Message{Channel: c.Channel, Sender: c.Sender, ID: id, Text: id, Received: m.now}
			} else {
				e.Kind, e.Replies = channels.EventReply, []channels.Reply{{Text: fmt.Sprint(id, "-", i)}}
			}
			es = append(es, e)
		}
	}
	if err := m.AppendEvents(m.Context(), es...); err != nil {
		m.Fatal(err)
	}
	for _, e := range es {
		m.last++
		e.Cursor = m.last
		m.events = append(m.events, e)
	}
}

func (m *eventModel) forget() {
	m.Helper()
	c := m.conversation()
	if _, err := m.Forget(m.Context(), c); err != nil {
		m.Fatal(err)
	}
	m.events = slices.DeleteFunc(m.events, func(e channels.Event) bool { return e.Conversation() == c })
}

func (m *eventModel) sweep() {
	m.Helper()
	if _, err := m.Sweep(m.Context(), 10_000); err != nil {
		m.Fatal(err)
	}
	m.events = slices.DeleteFunc(m.events, func(e channels.Event) bool { return e.Time.Before(m.now.Add(-modelRetention)) })
}

// check compares what the store lists and what it knows, for one channel and one conversation.
func (m *eventModel) check() {
	m.Helper()
	c := m.conversation()
	after, limit := m.random.Int64N(m.last+1), 1+m.random.IntN(9)
	for _, f := range []journal.EventFilter{{}, {Channel: c.Channel}, {Channel: c.Channel, Sender: c.Sender}} {
		want := m.having(func(e channels.Event) bool { return e.Cursor > after && f.Lets(&e) })
		m.compare(fmt.Sprintf("events of %+v above %d, %d at once", f, after, limit), want, m.list(f, after, limit))
	}
	history, err := m.History(m.Context(), c, limit)
	if err != nil {
		m.Fatal(err)
	}
	own := m.having(func(e channels.Event) bool { return e.Conversation() == c })
	m.compare(fmt.Sprintf("history of %+v, %d", c, limit), own[max(0, len(own)-limit):], history)
	_, known, err := m.Address(m.Context(), c)
	if want := slices.ContainsFunc(own, func(e channels.Event) bool { return e.Kind == channels.EventMessage }); known != want || err != nil {
		m.Fatalf("%+v is known: %v, error %v; want %v", c, known, err, want)
	}
}

// list pages through the events that there are.
func (m *eventModel) list(f journal.EventFilter, after int64, limit int) (all []channels.Event) {
	m.Helper()
	for more := true; more; {
		// Events that were swept are asked for below 0 only.
		from := after
		if len(m.events) == 0 || after < m.events[0].Cursor {
			from = -1
		}
		page, err := m.Events(m.Context(), f, from, limit)
		if err != nil || len(page.Events) > limit || page.More && len(page.Events) < limit {
			m.Fatalf("page of %d: %+v, error %v", limit, page, err)
		}
		all = append(all, page.Events...)
		after, more = page.Next, page.More
	}
	return all
}

func (m *eventModel) having(lets func(channels.Event) bool) (list []channels.Event) {
	for _, e := range m.events {
		if lets(e) {
			list = append(list, e)
		}
	}
	return list
}

func (m *eventModel) compare(what string, want, got []channels.Event) {
	m.Helper()
	text := func(es []channels.Event) (lines []string) {
		for _, e := range es {
			line := fmt.Sprintln(e.Cursor, e.Kind, e.Conversation(), e.MessageID)
			if e.Message != nil {
				line += e.Message.Text
			}
			lines = append(lines, fmt.Sprint(line, e.Replies))
		}
		return lines
	}
	if diff := cmp.Diff(text(want), text(got)); diff != "" {
		m.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// checkIndex looks for entries of conversations that lead to no row, and for damage. Those of
// channels stay until their events would be swept.
func (m *eventModel) checkIndex() {
	m.Helper()
	lost, err := m.Query(m.Context(), `SELECT count(*) FROM event_index i WHERE i.cursor % 64 > 0 AND NOT EXISTS
		(SELECT 1 FROM event WHERE cursor = i.cursor)`)
	if err != nil || lost != "0" {
		m.Errorf("%s entries lead to no row, error %v", lost, err)
	}
	if err := m.Check(m.Context()); err != nil {
		m.Error(err)
	}
}
