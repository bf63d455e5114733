package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// Whatever was appended, forgotten and swept, and however often the journal was opened
// again: rows are found whether they have an entry in the index or not.
func TestEventIndex(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := &eventModel{T: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 0)), now: time.Now().Truncate(time.Second)}
			m.open()
			for range 300 {
				m.now = m.now.Add(time.Minute)
				switch n := m.random.IntN(100); {
				case n < 70:
					m.append()
				case n < 85:
					m.forget()
				case n < 95:
					m.sweep()
				default:
					mustClose(t, m.Store)
					m.open()
				}
				m.check()
			}
			m.checkIndex()
			mustClose(t, m.Store)
		})
	}
}

// An earlier program serves the journal, with its indexes or without. What it has appended is
// found after it, and what it has deleted leads to nothing.
func TestEarlierProgramKeepsNoIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	appendMessageEvent(t, s, "ann", "1")
	appendMessageEvent(t, s, "bob", "2")
	mustClose(t, s)
	mustClose(t, mustOpen(t, dir)) // now they have their entries

	p := openPrevious(t, dir)
	p.exec(`CREATE INDEX event_conversation ON event (channel, sender)`)
	p.exec(`DELETE FROM event WHERE channel = ? AND sender = ?`, "web", "ann")
	p.exec(`INSERT INTO event (channel, sender, kind, message_id, time, body) VALUES (?, ?, ?, ?, ?, ?)`,
		"web", "ann", "message", "3", time.Now().UnixMicro(), "{}")
	p.db.Close()

	s = mustOpen(t, dir)
	defer mustClose(t, s)
	history, err := s.History(t.Context(), ann, 9)
	if err != nil || len(history) != 1 || history[0].MessageID != "3" {
		t.Errorf("history %+v, error %v; want the message of the earlier program", history, err)
	}
	page, err := s.Events(t.Context(), journal.EventFilter{Channel: "web"}, 0, 9)
	if err != nil || len(page.Events) != 2 || page.Events[0].MessageID != "2" || page.Events[1].MessageID != "3" {
		t.Errorf("events %+v, error %v; want those of messages 2 and 3", page.Events, err)
	}
	if n, err := s.Forget(t.Context(), ann); n != 2 || err != nil {
		t.Errorf("Forget deletes %d rows, error %v; want the message and the address", n, err)
	}
	left, err := s.Query(t.Context(), `SELECT (SELECT count(*) FROM event_index WHERE cursor > 0) ||
		' entries, ' || (SELECT count(*) FROM sqlite_master WHERE name LIKE 'event\_c%' ESCAPE '\') || ' indexes'`)
	if want := "1 entries, 0 indexes"; left != want || err != nil {
		t.Errorf("%s are left, error %v; want %s, bob's", left, err, want)
	}
}

// Who follows a conversation, or a channel, sees each event once and in order while rows get
// their entries.
func TestEventsAreFollowedIntoTheIndex(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{}.Indexing(3))
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	const turns = 300
	var following sync.WaitGroup
	for _, f := range []journal.EventFilter{{Channel: "web", Sender: "ann"}, {Channel: "web"}} {
		following.Go(func() {
			var after int64
			for next := 0; next < turns; {
				changed := s.Changed()
				page, err := s.Events(t.Context(), f, after, 2)
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range page.Events {
					if e.MessageID != fmt.Sprint(next) {
						t.Errorf("%+v: message %s follows %d others", f, e.MessageID, next)
						return
					}
					next++
				}
				if after = page.Next; !page.More && next < turns {
					<-changed
				}
			}
		})
	}
	for i := range turns {
		appendMessageEvent(t, s, "ann", fmt.Sprint(i))
	}
	following.Wait()
}

// Rows that get their entries between the look at the list and that into the file come once,
// and those that are appended meanwhile come with the next page.
func TestEventsAreIndexedInMidRead(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{}.Indexing(3))
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	appendAll := func(ids ...string) {
		for _, id := range ids {
			appendMessageEvent(t, s, "ann", id)
		}
	}
	appendAll("1", "2", "3")
	for _, f := range []journal.EventFilter{{Channel: "web", Sender: "ann"}, {Channel: "web"}} {
		page, err := s.SlowEvents(t.Context(), f, 0, 9, func() { appendAll("4", "5") })
		if err != nil {
			t.Fatal(err)
		}
		rest, err := s.Events(t.Context(), f, page.Next, 99)
		if err != nil {
			t.Fatal(err)
		}
		cursor := int64(0)
		for _, e := range append(page.Events, rest.Events...) {
			if cursor++; e.Cursor != cursor {
				t.Fatalf("%+v: event %d follows %d others", f, e.Cursor, cursor-1)
			}
		}
		if newest, err := s.Newest(t.Context()); newest != cursor || err != nil {
			t.Errorf("%+v: %d events of %d are listed, error %v", f, cursor, newest, err)
		}
	}
}
