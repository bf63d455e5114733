//go:build unix

package postgres_test

import (
	"testing"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// wantDoubt takes a part at a replica and checks what is said of it.
func wantDoubt(t *testing.T, s *postgres.Store, id string, want bool) journal.Delivery {
	t.Helper()
	d := nextPart(t, s, id)
	if d.Doubtful != want {
		t.Errorf("%s is doubtful: %v, want %v", id, d.Doubtful, want)
	}
	return d
}

// A part whose claim is taken over is doubtful, until an attempt counts or another part takes its
// place. One that nobody had claimed is not.
func TestDoubtful(t *testing.T) {
	t.Parallel()
	all := openOutboxes(t, newDatabase(t), 2, withoutPolling())
	a, b := all[0], all[1]
	push(t, a, bob, "1", "2")
	wantDoubt(t, a, "1", false)
	takeOverFrom(t, a, b)
	settlePart(t, b, wantDoubt(t, b, "1", true), journal.PartOutcome{})
	settlePart(t, b, wantDoubt(t, b, "1", true), journal.PartOutcome{Counts: true})
	settlePart(t, b, wantDoubt(t, b, "1", false), sentPart)
	takeOverFrom(t, a, b) // it has nothing
	wantDoubt(t, a, "2", false)
	takeOverFrom(t, a, b)
	d := wantDoubt(t, b, "2", true)
	d.Part.ID = "3"
	if err := b.KeepLive(t.Context(), d.Claim, journal.LiveProgress{Part: d.Part}); err != nil {
		t.Fatal(err)
	}
	settlePart(t, b, d, sentPart)
}

// A replica that closes leaves no doubt.
func TestNotDoubtfulAfterClose(t *testing.T) {
	t.Parallel()
	all := openOutboxes(t, newDatabase(t), 2, withoutPolling())
	push(t, all[0], bob, "1")
	wantDoubt(t, all[0], "1", false)
	if err := all[0].Close(); err != nil {
		t.Fatal(err)
	}
	settlePart(t, all[1], wantDoubt(t, all[1], "1", false), sentPart)
}
