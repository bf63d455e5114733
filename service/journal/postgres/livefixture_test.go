//go:build unix

package postgres_test

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
)

// journalBeforeLive is a journal that the commit bbdb7e1 wrote, the last that knew no live
// parts; statementsBeforeLive are all those with which it worked on one.
var (
	//go:embed testdata/journal4.sql
	journalBeforeLive string
	//go:embed testdata/statements4.sql
	statementsBeforeLive string
)

// A journal of the version that knew no live parts serves this program. Once a part grows in
// it, that version's statements find it as an ordinary part with the text so far, and it can be
// sent by that version while its turn runs here; this program goes on without it.
func TestJournalBeforeLive(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	p := connectPrevious(t, url)
	if _, err := p.db.Exec(t.Context(), journalBeforeLive); err != nil {
		t.Fatal(err)
	}
	s := openReplica(t, url, longLease())
	wantCounts(t, s, journal.Depth{Inbox: 1, Outbox: 2, DeadLetters: 2, Free: -1})
	turn, err := s.Next(t.Context())
	if err != nil || turn.Message.ID != "3" {
		t.Fatalf("Next returns %+v, error %v", turn, err)
	}
	live := channels.Part{Channel: "web", Sender: "ann", ID: "l"}
	step(t, s, turn.Claim, journal.Step{Begin: &live})
	s.OpenOutbox(journaltest.Slots("web"))
	wake(t, s, live.Conversation()) // its first part was put off
	tried := nextPart(t, s, "a2")
	if tried.Attempts != 1 || tried.Live != nil {
		t.Errorf("NextPart returns %+v, want one attempt of an ordinary part", tried)
	}
	settlePart(t, s, tried, sentPart)
	settlePart(t, s, nextPart(t, s, "a3"), sentPart)
	d := nextPart(t, s, "l")
	live.Reply.Text = "so far"
	if err := s.KeepLive(t.Context(), d.Claim, journal.LiveProgress{Part: live, Receipt: &channels.Receipt{ID: "r"}}); err != nil {
		t.Fatal(err)
	}
	settlePart(t, s, d, retryLater())

	var row, attempts int64
	var body []byte
	if err := p.db.QueryRow(t.Context(), `SELECT row, attempts, body FROM outbox`).Scan(&row, &attempts, &body); err != nil {
		t.Fatal(err)
	}
	if found, err := journal.DecodePart(body); err != nil || found.ID != "l" || found.Reply.Text != "so far" {
		t.Errorf("the earlier program finds %+v, error %v", found, err)
	}
	if _, err := p.db.Exec(t.Context(), `DELETE FROM outbox WHERE row = ANY($1)`, []int64{row}); err != nil {
		t.Fatal(err)
	}
	done := journal.Step{Complete: &journal.Completion{ID: "l", Parts: []channels.Part{live, {Channel: "web", Sender: "ann", ID: "l2"}}}, End: done()}
	step(t, s, turn.Claim, done)
	wantCounts(t, s, journal.Depth{DeadLetters: 2, Free: -1})
}

// All statements of that version do on the tables of this one.
func TestStatementsBeforeLive(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	openReplica(t, url, shortLease())
	p := connectPrevious(t, url)
	n := 0
	for i, sql := range strings.Split(statementsBeforeLive, ";\n") {
		if strings.TrimSpace(sql) == "" {
			continue
		}
		n++
		if _, err := p.db.Prepare(t.Context(), fmt.Sprint("p", i), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if n < 60 {
		t.Errorf("there are %d statements", n)
	}
}

// step settles one step of a turn.
func step(t *testing.T, s interface {
	Settle(context.Context, journal.Claim, journal.Step) error
}, c journal.Claim, step journal.Step) {
	t.Helper()
	if err := s.Settle(t.Context(), c, step); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}
