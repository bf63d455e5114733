//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// livePart is bob's part that grows in these tests.
func livePart(text string) channels.Part {
	return channels.Part{Channel: "web", Sender: "bob", ID: "live", Reply: channels.Reply{Text: text}}
}

// beginLive begins it in a turn of a replica.
func beginLive(t *testing.T, s *postgres.Store) (turn journal.Claim) {
	t.Helper()
	turn = beginTurn(t, s)
	begin := livePart("begins")
	step(t, s, turn, journal.Step{Begin: &begin})
	return turn
}

// beginTurn begins a turn of bob's at a replica.
func beginTurn(t *testing.T, s *postgres.Store) journal.Claim {
	t.Helper()
	if _, err := s.Enqueue(t.Context(), entryOf("bob", "m")); err != nil {
		t.Fatal(err)
	}
	turn, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return turn.Claim
}

// keepLive commits that the part was opened and has grown so far.
func keepLive(t *testing.T, s *postgres.Store, d journal.Delivery) {
	t.Helper()
	progress := journal.LiveProgress{Part: livePart("so far"), Receipt: &channels.Receipt{ID: "r"}}
	if err := s.KeepLive(t.Context(), d.Claim, progress); err != nil {
		t.Fatalf("KeepLive: %v", err)
	}
}

// completeLive completes it in the last step of its turn.
func completeLive(t *testing.T, s *postgres.Store, turn journal.Claim) {
	t.Helper()
	step(t, s, turn, wholeStep())
}

func wholeStep() journal.Step {
	return journal.Step{
		Complete: &journal.Completion{ID: "live", Parts: []channels.Part{livePart("whole")}}, End: done(),
	}
}

// nextLive returns the live part as a replica is given it.
func nextLive(t *testing.T, s *postgres.Store, text string, live *journal.Live) journal.Delivery {
	t.Helper()
	d := nextPart(t, s, "live")
	if diff := cmp.Diff(live, d.Live); diff != "" || d.Part.Reply.Text != text {
		t.Fatalf("text %q, want %q; live (-want +got):\n%s", d.Part.Reply.Text, text, diff)
	}
	return d
}

// What a Delivery says of the part that grows, and of the part that was opened.
var (
	growsHere = &journal.Live{Growing: true}                       //nolint:gochecknoglobals // a value
	wasOpened = &journal.Live{Receipt: &channels.Receipt{ID: "r"}} //nolint:gochecknoglobals // a value
)

// waitForPart has a replica wait for a part, and returns a check that it was given none.
func waitForPart(t *testing.T, s *postgres.Store) (wantNone func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() { _, err := s.NextPart(ctx); got <- err }()
	eventually(t, s.HasConsumer)
	return func() {
		t.Helper()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("the other is given one, error %v", err)
		}
	}
}

// While a part grows it is given to the replica of its turn, a, and to no other. Nothing is
// found by polling in time.
func TestGrowingPart(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(t *testing.T, a, b *postgres.Store){
		"until it is completed": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			noPart(t, b)
			d := nextLive(t, a, "begins", growsHere)
			settlePart(t, a, d, retryAtOnce)
			noPart(t, b)
			a.OpenOutbox(nil)
			completeLive(t, a, turn)
			settlePart(t, b, nextLive(t, b, "whole", nil), sentPart)
		},
		"though another waits for one": func(t *testing.T, a, b *postgres.Store) {
			wantNone := waitForPart(t, b)
			beginLive(t, a)
			nextLive(t, a, "begins", growsHere)
			wantNone()
		},
		"though another waits for one and has its reader": func(t *testing.T, a, b *postgres.Store) {
			beginLive(t, a)
			settlePart(t, a, nextLive(t, a, "begins", growsHere), retryLater())
			wantNone := waitForPart(t, b)
			wake(t, b, bob)
			nextLive(t, a, "begins", growsHere)
			wantNone()
		},
		"though another waits for one and has sent what was before it": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1")
			d := nextPart(t, b, "1")
			beginLive(t, a)
			noPart(t, a) // from now on it scans only when it is notified
			wantNone := waitForPart(t, b)
			settlePart(t, b, d, sentPart)
			nextLive(t, a, "begins", growsHere)
			wantNone()
		},
		"though the reader is at another, who gets it once it is completed": func(t *testing.T, a, b *postgres.Store) {
			wake(t, b, bob)
			turn := beginLive(t, a)
			noPart(t, b)
			settlePart(t, a, nextLive(t, a, "begins", growsHere), retryAtOnce)
			d := nextLive(t, a, "begins", growsHere)
			completeLive(t, a, turn)
			noPart(t, b)
			settlePart(t, a, d, retryAtOnce)
			noPart(t, a)
			settlePart(t, b, nextLive(t, b, "whole", nil), sentPart)
		},
		"though the reader comes to another while it waits": func(t *testing.T, a, b *postgres.Store) {
			beginLive(t, a)
			settlePart(t, a, nextLive(t, a, "begins", growsHere), retryLater())
			noPart(t, a, b)
			wake(t, b, bob)
			noPart(t, b)
			nextLive(t, a, "begins", growsHere) // its turn has come
		},
		"in its place, behind what another sends": func(t *testing.T, a, b *postgres.Store) {
			push(t, b, bob, "1")
			d := nextPart(t, b, "1")
			beginLive(t, a)
			push(t, b, bob, "2")
			noPart(t, a, b)
			settlePart(t, b, d, sentPart)
			noPart(t, b)
			d = nextLive(t, a, "begins", growsHere)
			noPart(t, b)
			settlePart(t, a, d, sentPart)
			a.OpenOutbox(nil)
			nextPart(t, b, "2")
		},
		"though all slots are taken": func(t *testing.T, a, b *postgres.Store) {
			push(t, a, channels.Conversation{Channel: "web", Sender: "carol"}, "c")
			c := nextPart(t, a, "c")
			push(t, b, bob, "1")
			d := nextPart(t, b, "1")
			a.OpenOutbox(map[string]int{"web": 1})
			turn := beginLive(t, a)
			settlePart(t, b, d, sentPart)
			live := nextLive(t, a, "begins", growsHere)
			b.OpenOutbox(nil)
			completeLive(t, a, turn)
			settlePart(t, a, live, retryAtOnce)
			noPart(t, a)
			settlePart(t, a, c, sentPart)
			nextLive(t, a, "whole", nil)
		},
		"until its turn ends": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			keepLive(t, a, d)
			a.OpenOutbox(nil)
			settlePart(t, a, d, retryAtOnce)
			noPart(t, b)
			step(t, a, turn, journal.Step{End: &journal.End{Outcome: journal.OutcomeInterrupted}})
			nextLive(t, b, "so far", wasOpened)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := openOutboxes(t, newDatabase(t), 2, withoutPolling())
			run(t, all[0], all[1])
		})
	}
}

// Three replicas lose, double, cut and disorder no live part, and give none that grows to
// another than that of its turn.
func TestReplicasGrow(t *testing.T) {
	t.Parallel()
	f := newReplicaSet(t, newDatabase(t), 3, postgres.Options{Retention: -1})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	size := journaltest.Size{Conversations: 60, Messages: 5, Agents: 30, Posters: 15}
	report, err := journaltest.LoadLive(ctx, size, f.all[0], f.all[1], f.all[2])
	if err != nil || report != (journaltest.LiveReport{}) {
		t.Errorf("load: %+v, error %v", report, err)
	}
}
