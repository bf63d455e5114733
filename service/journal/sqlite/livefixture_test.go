package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// beforeLive is the fixture that the commit bbdb7e1 wrote, the last that knew four migrations
// and no live parts. Of ann one message is due again, the part p2 was tried once and is due
// again, p3 waits behind it, and p1 is a dead letter; a message of eve's waits on another
// channel.
const beforeLive = "schema4.db.gz"

// openBeforeLive opens a copy of it two hours later.
func openBeforeLive(t *testing.T) (s *sqlite.Store, dir string) {
	t.Helper()
	return openCopy(t, beforeLive, time.Date(2026, 11, 28, 14, 15, 54, 0, time.UTC))
}

// growLive lets a part grow to "so far" in the turn of ann's message, which goes on, behind the
// parts that wait.
func growLive(t *testing.T, s *sqlite.Store) (turn journal.Claim, part journal.Delivery) {
	t.Helper()
	s.OpenInbox("web")
	again, err := s.Next(t.Context())
	if err != nil || again.Message.ID != "2" {
		t.Fatalf("Next returns %+v, error %v", again, err)
	}
	turn = again.Claim
	live := channels.Part{Channel: "web", Sender: "ann", ID: "l"}
	if err := s.Settle(t.Context(), turn, journal.Step{Begin: &live}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p2", "p3"}, sendParts(t, s, 2)); diff != "" {
		t.Fatalf("parts (-want +got):\n%s", diff)
	}
	part, err = s.NextPart(t.Context())
	if err != nil || part.Part.ID != "l" || part.Live == nil || !part.Live.Growing {
		t.Fatalf("NextPart returns %+v, error %v; want the live part", part, err)
	}
	live.Reply.Text = "so far"
	progress := journal.LiveProgress{Part: live, Receipt: &channels.Receipt{ID: "r"}}
	if err := s.KeepLive(t.Context(), part.Claim, progress); err != nil {
		t.Fatal(err)
	}
	return turn, part
}

// A file of the program that knew no live parts serves this one, with all that is in it.
func TestFourthSchemaIsMigrated(t *testing.T) {
	t.Parallel()
	s, _ := openBeforeLive(t)
	defer mustClose(t, s)
	depth(t, s, journal.Depth{Inbox: 2, Outbox: 2, DeadLetters: 1})
	if token, err := s.Setting(t.Context(), "token", "another"); token != "secret" || err != nil {
		t.Errorf("the setting is %q, error %v", token, err)
	}
	list, err := s.DeadLetters(t.Context(), "web", 0, 9)
	if err != nil || len(list) != 1 || list[0].Part == nil || list[0].Part.ID != "p1" {
		t.Fatalf("dead letters %+v, error %v", list, err)
	}
	turn, part := growLive(t, s)
	whole := part.Part
	whole.Reply.Text = "whole"
	step := journal.Step{
		Complete: &journal.Completion{ID: "l", Parts: []channels.Part{whole}}, End: ended(journal.OutcomeDone),
	}
	if err := s.Settle(t.Context(), turn, step); err != nil {
		t.Fatal(err)
	}
	if err := s.SettlePart(t.Context(), part.Claim, journal.PartOutcome{}); err != nil {
		t.Fatal(err)
	}
	part, err = s.NextPart(t.Context())
	if err != nil || part.Part.Reply.Text != "whole" || part.Live == nil || part.Live.Growing || part.Live.Receipt.ID != "r" {
		t.Errorf("NextPart returns %+v, error %v; want the completed part", part, err)
	}
}

// The program that knew no live parts goes on with a file in which one grew: each of its
// statements runs, and it finds the text so far as an ordinary part. This program goes on
// after it.
func TestFourthReleaseServesThisSchema(t *testing.T) {
	t.Parallel()
	s, dir := openBeforeLive(t)
	growLive(t, s)
	mustClose(t, s)

	p := openPrevious(t, dir)
	p.exec("UPDATE store SET openings = openings + 1")
	for _, statement := range statementsOf(t, "schema4.sql") {
		if _, err := p.db.PrepareContext(p.Context(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	var row, attempts int64
	var body []byte
	p.scan(`SELECT id FROM outbox`, &row)
	p.scan(`SELECT attempts, body FROM outbox`, &attempts, &body)
	if found, err := journal.DecodePart(body); err != nil || found.ID != "l" || found.Reply.Text != "so far" {
		t.Errorf("the earlier program finds %+v, error %v", found, err)
	}
	p.exec(`UPDATE outbox SET due = ?, postponed = ?, attempts = attempts + ? WHERE id = ?`, 1, 1, 1, row)
	p.exec(`INSERT INTO outbox (channel, sender, stored, body) SELECT channel, sender, stored, body FROM outbox`)
	p.db.Close()

	s = mustOpen(t, dir)
	defer mustClose(t, s)
	s.OpenOutbox(map[string]int{"web": 1})
	first, err := s.NextPart(t.Context())
	if err != nil || first.Attempts != 1 || first.Live == nil || first.Live.Growing || first.Live.Receipt.ID != "r" {
		t.Errorf("NextPart returns %+v, error %v; want the part that was opened", first, err)
	}
	if err := s.SettlePart(t.Context(), first.Claim, journal.PartOutcome{Sent: true}); err != nil {
		t.Fatal(err)
	}
	second, err := s.NextPart(t.Context())
	if err != nil || second.Live != nil {
		t.Errorf("NextPart returns %+v, error %v; want an ordinary part", second, err)
	}
}
