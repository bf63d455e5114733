//go:build unix

package postgres_test

import (
	"errors"
	"testing"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// takeOverFrom frees at b what a has claimed, as when the lease of a ended.
func takeOverFrom(t *testing.T, a, b *postgres.Store) {
	t.Helper()
	if err := b.FreeClaims(t.Context(), a.ReplicaID()); err != nil {
		t.Fatal(err)
	}
}

// wantLostTurn checks that neither the turn nor the claim of the part can go on.
func wantLostTurn(t *testing.T, s *postgres.Store, turn journal.Claim, part *journal.Delivery) {
	t.Helper()
	if err := s.Settle(t.Context(), turn, wholeStep()); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("Settle returns %v, want ErrFenced", err)
	}
	if part == nil {
		return
	}
	if err := s.KeepLive(t.Context(), part.Claim, journal.LiveProgress{Part: livePart("late")}); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("KeepLive returns %v, want ErrFenced", err)
	}
	if err := s.SettlePart(t.Context(), part.Claim, sentPart); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("SettlePart returns %v, want ErrFenced", err)
	}
}

// When the lease of the turn's replica, a, ends, its live part goes on at another, with what was
// committed; a is fenced.
func TestGrowingPartIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(t *testing.T, a, b *postgres.Store){
		"before it was claimed": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			takeOverFrom(t, a, b)
			nextLive(t, b, "begins", nil)
			wantLostTurn(t, a, turn, nil)
		},
		"before it was opened": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			takeOverFrom(t, a, b)
			nextLive(t, b, "begins", nil)
			wantLostTurn(t, a, turn, &d)
		},
		"after it was opened": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			keepLive(t, a, d)
			takeOverFrom(t, a, b)
			again := nextLive(t, b, "so far", wasOpened)
			wantLostTurn(t, a, turn, &d)
			settlePart(t, b, again, sentPart)
		},
		"while it waits at its replica": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			keepLive(t, a, d)
			settlePart(t, a, d, retryAtOnce)
			takeOverFrom(t, a, b)
			nextLive(t, b, "so far", wasOpened)
			wantLostTurn(t, a, turn, nil)
		},
		"after it was completed": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			keepLive(t, a, d)
			completeLive(t, a, turn)
			takeOverFrom(t, a, b)
			nextLive(t, b, "whole", wasOpened)
			wantLostTurn(t, a, turn, &d)
		},
		"at the lease's end, by its own time": func(t *testing.T, a, b *postgres.Store) {
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			keepLive(t, a, d)
			a.AbandonLease()
			nextLive(t, b, "so far", wasOpened)
			wantLostTurn(t, a, turn, &d)
		},
		"when the replica closes": func(t *testing.T, a, b *postgres.Store) {
			beginLive(t, a)
			keepLive(t, a, nextLive(t, a, "begins", growsHere))
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			nextLive(t, b, "so far", wasOpened)
		},
		"though the replica has its number still": func(t *testing.T, a, b *postgres.Store) {
			number := a.ReplicaID()
			turn := beginLive(t, a)
			d := nextLive(t, a, "begins", growsHere)
			takeOverFrom(t, a, b) // its lease runs, so it stays
			wantLostTurn(t, a, turn, &d)
			if a.ReplicaID() != number {
				t.Fatal("the replica has another number")
			}
			b.OpenOutbox(nil)
			settlePart(t, a, nextLive(t, a, "begins", nil), sentPart)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := openOutboxes(t, newDatabase(t), 2, longLease())
			all[1].OpenInbox() // the turn, which comes again, stays away
			run(t, all[0], all[1])
		})
	}
}
