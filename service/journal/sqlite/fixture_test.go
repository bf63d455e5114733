package sqlite_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// fixtureTime is two hours after the program that knew two migrations wrote the fixture.
var fixtureTime = time.Date(2026, 11, 28, 12, 18, 28, 0, time.UTC)

// openFixture opens a copy of the fixture at fixtureTime: of ann one message is due again and
// one waits behind it, a part is due again, and a part and a message are dead letters; of bob
// an asked message was answered, and another was being answered; a message of eve's waits on
// another channel.
func openFixture(t *testing.T) (s *sqlite.Store, dir string) {
	t.Helper()
	return openCopy(t, "schema2.db.gz", fixtureTime)
}

// openCopy opens a copy of a fixture at a time.
func openCopy(t *testing.T, file string, at time.Time) (s *sqlite.Store, dir string) {
	t.Helper()
	dir = t.TempDir()
	unzip(t, filepath.Join("testdata", file), filepath.Join(dir, "journal.db"))
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func unzip(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file of the program that knew two migrations serves this one, with all that is in it.
func TestSecondSchemaIsMigrated(t *testing.T) {
	t.Parallel()
	s, _ := openFixture(t)
	defer mustClose(t, s)
	depth(t, s, journal.Depth{Inbox: 3, Outbox: 1, DeadLetters: 2})
	ann := channels.Conversation{Channel: "web", Sender: "ann"}
	if n, err := s.Queued(t.Context(), ann, 9); n != 2 || err != nil {
		t.Errorf("%d messages of ann's are queued, error %v", n, err)
	}
	list, err := s.DeadLetters(t.Context(), "web", 0, 9)
	if err != nil || len(list) != 2 || list[0].Part == nil || list[0].Kind != journal.KindUndelivered ||
		list[1].Message == nil || list[1].Kind != journal.KindFailed {
		t.Fatalf("dead letters %+v, error %v", list, err)
	}
	for id, want := range map[string]journal.State{"asked": journal.StateDone, "running": journal.StateInterrupted} {
		known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "bob", ID: id})
		if err != nil || known == nil || known.State != want || len(known.Replies) != 1 {
			t.Errorf("of message %s %+v is known, error %v; want it to be %s", id, known, err, want)
		}
	}
	if n, err := s.Replay(t.Context(), list[0].ID, list[1].ID); n != 2 || err != nil {
		t.Fatalf("Replay puts back %d, error %v", n, err)
	}
	s.OpenInbox("web")
	for _, want := range []string{"2 attempt 1", "3 attempt 2", "4 attempt 1"} {
		turn, err := s.Next(t.Context())
		if got := fmt.Sprintf("%s attempt %d", turn.Message.ID, turn.Attempt); got != want || err != nil {
			t.Fatalf("Next returns %s, error %v; want %s", got, err, want)
		}
		if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			t.Fatal(err)
		}
	}
	sent := sendAll(t, s)
	if diff := cmp.Diff([]string{"p1", "p2"}, sent); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

// sendAll settles the parts of channel web that are due as sent, and returns their ids.
func sendAll(t *testing.T, s *sqlite.Store) (ids []string) {
	t.Helper()
	depth, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sendParts(t, s, depth.Outbox)
}

// sendParts does so with the next n parts.
func sendParts(t *testing.T, s *sqlite.Store, n int) (ids []string) {
	t.Helper()
	s.OpenOutbox(map[string]int{"web": 1})
	for range n {
		d, err := s.NextPart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.Part.ID)
		if err := s.SettlePart(t.Context(), d.Claim, journal.PartOutcome{Sent: true}); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// The program that knew two migrations goes on with the fixture once this program has
// migrated and used it: each of its statements runs, and none takes what it does not know
// for something else.
func TestSecondReleaseServesThisSchema(t *testing.T) {
	t.Parallel()
	s, dir := openFixture(t)
	s.OpenInbox("web")
	turn, err := s.Next(t.Context())
	if err != nil || turn.Message.ID != "3" || turn.Attempt != 2 {
		t.Fatalf("Next returns %+v, error %v", turn, err)
	}
	deferred := journal.Step{End: &journal.End{Outcome: journal.OutcomeDeferred, At: time.Now().Add(-time.Second)}}
	if err := s.Settle(t.Context(), turn.Claim, deferred); err != nil {
		t.Fatal(err)
	}
	s.OpenOutbox(map[string]int{"web": 1})
	d, err := s.NextPart(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	expired := journal.PartOutcome{Dead: true, Kind: journal.KindExpired, Reason: journal.ReasonExpired}
	if err := s.SettlePart(t.Context(), d.Claim, expired); err != nil {
		t.Fatal(err)
	}
	if kept, err := s.Refuse(t.Context(), 9, entryOf("ann", "refused", "text")); kept != 1 || err != nil {
		t.Fatalf("Refuse keeps %d, error %v", kept, err)
	}
	mustClose(t, s)

	p := openPrevious(t, dir)
	p.exec("UPDATE store SET openings = openings + 1")
	for _, statement := range statementsOf(t, "schema2.sql") {
		if _, err := p.db.PrepareContext(p.Context(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if n := p.count("dead_letter WHERE kind = 'undelivered'"); n != 2 {
		t.Errorf("%d dead letters of parts are known as such, want 2", n)
	}
	p.answer() // the deferred message
	p.exec(`DELETE FROM dead_letter WHERE kind = 'undelivered'`)
	p.replay()
	p.db.Close()

	s, err = sqlite.Open(t.Context(), dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	depth(t, s, journal.Depth{Inbox: 4, Outbox: 1})
	s.OpenInbox("web")
	for _, id := range []string{"2", "4", "refused"} {
		turn := next(t, s, id)
		if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Next returns error %v, want none to be left", err)
	}
}

// The program that knew two migrations shows the first of the events that are one row, and
// appends others behind all of them.
func TestSecondReleaseReadsGroups(t *testing.T) {
	t.Parallel()
	s, dir := openFixture(t)
	before, err := s.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := entryOf("eve", "grouped", "text").Message
	if err := s.AppendEvents(t.Context(), journal.MessageEvent(&m), replyTo(m), replyTo(m)); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)

	p := openPrevious(t, dir)
	e := channels.Event{Channel: m.Channel, Sender: m.Sender}
	var body []byte
	const newest = `SELECT cursor, kind, message_id, body FROM event ORDER BY cursor DESC LIMIT 1`
	p.scan(newest, &e.Cursor, &e.Kind, &e.MessageID, &body)
	journal.DecodeEvent(body, &e)
	if e.Cursor != before+3 || e.Kind != channels.EventMessage || e.Message == nil || e.Message.Text != "text" {
		t.Errorf("the earlier program shows %+v", e)
	}
	p.exec(`INSERT INTO event (channel, sender, kind, message_id, time, body) VALUES (?, ?, ?, ?, ?, ?)`,
		"web", "eve", "failed", "grouped", time.Now().UnixMicro(), "{}")
	p.db.Close()

	s, err = sqlite.Open(t.Context(), dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	page, err := s.Events(t.Context(), journal.EventFilter{Channel: "web", Sender: "eve"}, before+1, 9)
	if err != nil || len(page.Events) != 3 || page.Events[0].Kind != channels.EventReply || page.Events[2].Cursor != before+4 {
		t.Errorf("events above the first %+v, error %v", page.Events, err)
	}
}

// statementsOf returns the statements of an earlier program.
func statementsOf(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}
