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

// crashRounds names the variable with the number of kills; make crash sets it.
const crashRounds = "MANYVOX_CRASH_ROUNDS"

// TestCrash kills a process at work, again and again in the same directory, and checks
// that the store holds all that it had acknowledged.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 1
	}
	dir := t.TempDir()
	stored, cursor := 0, int64(0)
	for range rounds {
		o := runAndKill(t, dir, rand.N(300*time.Millisecond))
		stored += len(o.stored)
		cursor = checkStore(t, dir, o, cursor)
	}
	if stored == 0 {
		t.Error("no child stored anything")
	}
	t.Logf("%d messages in %d rounds", stored, rounds)
}

// checkStore compares the store with what the child printed, and empties it. It returns the
// newest cursor.
func checkStore(t *testing.T, dir string, o childOutput, cursor int64) int64 {
	t.Helper()
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	checkEvents(t, s, o, cursor)
	checkAsked(t, s, o)
	waiting, answered := drain(t, s)
	for id := range o.stored {
		if _, waits := waiting[id]; waits == answered[id] {
			t.Errorf("message %s waits: %v, was answered: %v", id, waits, answered[id])
		}
	}
	for id := range o.done {
		if !answered[id] {
			t.Errorf("the answer of message %s is lost", id)
		}
	}
	for id, attempt := range o.begun {
		if again, waits := waiting[id]; waits && again <= attempt {
			t.Errorf("message %s is given out with attempt %d after %d", id, again, attempt)
		}
	}
	newest, err := s.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newest
}

// checkEvents checks that each turn that began or ended has its event, once, and that
// cursors begin above those of the last round.
func checkEvents(t *testing.T, s *sqlite.Store, o childOutput, cursor int64) {
	t.Helper()
	page, err := s.Events(t.Context(), journal.EventFilter{}, cursor, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if page.Next < int64(o.newest) {
		t.Errorf("the newest cursor is %d, and was %d", page.Next, o.newest)
	}
	times := map[string]int{}
	for _, e := range page.Events {
		if e.Cursor <= cursor {
			t.Errorf("cursor %d is used again after %d", e.Cursor, cursor)
		}
		cursor = e.Cursor
		times[string(e.Kind)+" "+e.Sender+"/"+e.MessageID]++
	}
	for id := range o.begun {
		if n := times["message "+id]; n != 1 {
			t.Errorf("message %s has %d events", id, n)
		}
	}
	for id := range o.done {
		if n := times["reply "+id]; n != 1 {
			t.Errorf("the answer of message %s has %d events", id, n)
		}
	}
}

// checkAsked checks that no turn goes on, and that what was shown is known.
func checkAsked(t *testing.T, s *sqlite.Store, o childOutput) {
	t.Helper()
	for id, steps := range o.asked {
		known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "asker", ID: id[len("asker/"):]})
		if err != nil || known == nil {
			t.Errorf("asked message %s is lost, error %v", id, err)
			continue
		}
		switch known.State {
		case journal.StateFailed:
			if steps > 0 || len(known.Replies) > 0 {
				t.Errorf("asked message %s failed after %d steps: %+v", id, steps, known)
			}
		case journal.StateInterrupted:
			if steps > 1 || len(known.Replies) != 1 {
				t.Errorf("asked message %s was interrupted after %d steps: %+v", id, steps, known)
			}
		case journal.StateDone:
			if len(known.Replies) != 2 {
				t.Errorf("asked message %s is done: %+v", id, known)
			}
		default:
			t.Errorf("asked message %s is %q", id, known.State)
		}
	}
}

// drain takes out the turns, with their attempts, and the parts, and checks the order
// of each in its conversation.
func drain(t *testing.T, s *sqlite.Store) (waiting map[string]int, answered map[string]bool) {
	t.Helper()
	s.OpenOutbox(journaltest.Slots("web"))
	d, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waiting, answered = map[string]int{}, map[string]bool{}
	last := map[string]string{}
	for range d.Outbox {
		part, err := s.NextPart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answered[inOrder(t, last, part.Part.Sender, part.Part.ID)] = true
		if err := s.SettlePart(t.Context(), part.Claim, journal.PartOutcome{Sent: true}); err != nil {
			t.Fatal(err)
		}
	}
	for range d.Inbox {
		turn, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		waiting[inOrder(t, last, turn.Message.Sender, turn.Message.ID)] = turn.Attempt
		if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			t.Fatal(err)
		}
	}
	return waiting, answered
}

// inOrder returns the message's name and checks that its number, whose length does not
// change, is above the last of its conversation.
func inOrder(t *testing.T, last map[string]string, sender, id string) string {
	t.Helper()
	if id <= last[sender] {
		t.Errorf("message %s of %s comes after %s", id, sender, last[sender])
	}
	last[sender] = id
	return sender + "/" + id
}
