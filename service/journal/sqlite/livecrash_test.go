package sqlite_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// TestCrashLive kills a process whose parts grow, again and again in the same directory, and
// checks that each part is there as far as it was acknowledged, in its place, and grows no
// more.
func TestCrashLive(t *testing.T) {
	t.Parallel()
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 1
	}
	dir := t.TempDir()
	begun, kept := 0, 0
	for range rounds {
		o := growAndKill(t, dir, rand.N(300*time.Millisecond))
		begun, kept = begun+len(o.begun), kept+len(o.kept)
		checkLive(t, dir, &o)
	}
	if begun == 0 {
		t.Error("no child began a part")
	}
	t.Logf("%d parts, %d of them opened, in %d rounds", begun, kept, rounds)
}

// checkLive compares the store with what the child printed, and empties it.
func checkLive(t *testing.T, dir string, o *liveOutput) {
	t.Helper()
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	found := drainLive(t, s)
	for id := range o.begun {
		d, is := found[id]
		if !is {
			if !o.sending[id] {
				t.Errorf("part %s is lost", id)
			}
			continue
		}
		checkPart(t, o, id, d)
	}
	depth, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range depth.Inbox {
		turn, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if id := turn.Message.Sender + "/" + turn.Message.ID; o.begun[id] && turn.Shown == 0 {
			t.Errorf("the turn of %s has shown nothing", id)
		}
		if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			t.Fatal(err)
		}
	}
}

// checkPart checks a part that waits.
func checkPart(t *testing.T, o *liveOutput, id string, d journal.Delivery) {
	t.Helper()
	n, err := strconv.Atoi(d.Part.Reply.Text)
	isWhole := d.Part.Reply.Text == "whole"
	switch {
	case o.sent[id]:
		t.Errorf("part %s comes after it was sent", id)
	case !isWhole && (err != nil || o.completed[id] || n < o.kept[id]):
		t.Errorf("part %s has the text %q; completed %v, kept %d", id, d.Part.Reply.Text, o.completed[id], o.kept[id])
	}
	opened := d.Live != nil && d.Live.Receipt != nil && d.Live.Receipt.ID == d.Part.ID
	if d.Live != nil && d.Live.Growing || (o.kept[id] > 0 || n > 0) && !opened {
		t.Errorf("part %s comes with %+v; kept %d", id, d.Live, o.kept[id])
	}
}

// drainLive takes out the parts, and checks their order.
func drainLive(t *testing.T, s *sqlite.Store) map[string]journal.Delivery {
	t.Helper()
	s.OpenOutbox(journaltest.Slots("web"))
	depth, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, last := map[string]journal.Delivery{}, map[string]string{}
	for range depth.Outbox {
		d, err := s.NextPart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found[inOrder(t, last, d.Part.Sender, d.Part.ID)] = d
		if err := s.SettlePart(t.Context(), d.Claim, journal.PartOutcome{Sent: true}); err != nil {
			t.Fatal(err)
		}
	}
	return found
}
