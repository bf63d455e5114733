package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// A program that knows no choices goes on with a file that has some, and sends their part. The
// keys of that part choose afterwards; its numbers do not, since nobody knows when it was sent.
func TestChoicesOfAPartThatAnEarlierProgramSent(t *testing.T) {
	t.Parallel()
	s, dir := openBeforeLive(t)
	menu := channels.Part{Channel: "web", Sender: "bob", ID: "menu", Choices: []channels.Choice{{Key: "k", Title: "t", Payload: "/p"}}}
	push := journal.Push{Key: journal.Key{Channel: "web", Sender: "bob", ID: "m"}, Window: time.Hour, Parts: []channels.Part{menu}}
	if known, err := s.Push(t.Context(), push); known != nil || err != nil {
		t.Fatalf("Push returns %+v, error %v", known, err)
	}
	mustClose(t, s)

	p := openPrevious(t, dir)
	p.exec("UPDATE store SET openings = openings + 1")
	for _, statement := range statementsOf(t, "schema4.sql") {
		if _, err := p.db.PrepareContext(p.Context(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	p.exec(`DELETE FROM outbox WHERE sender = 'bob'`)
	p.db.Close()

	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Now: func() time.Time {
		return time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	list, err := s.Choices(t.Context(), menu.Conversation())
	if diff := cmp.Diff([]journal.Offer{{Choices: menu.Choices}}, list); diff != "" || err != nil {
		t.Errorf("error %v, choices (-want +got):\n%s", err, diff)
	}
}
