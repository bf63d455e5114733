//go:build unix

package postgres_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// A claim is certain as long as the lease is renewed in time, and never again after a gap,
// although the replica keeps its number.
func TestCertain(t *testing.T) {
	t.Parallel()
	s := openReplica(t, newDatabase(t), longLease())
	s.OpenOutbox(journaltest.Slots("web"))
	push(t, s, bob, "1")
	d := nextPart(t, s, "1")
	number := s.ReplicaID()
	if !d.IsCertain() {
		t.Error("the claim is not certain at once")
	}
	s.EndValidity() // as when it was frozen
	if err := s.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.IsCertain() || s.ReplicaID() != number {
		t.Errorf("after a gap the claim is certain: %v, of the number %d, was %d", d.IsCertain(), s.ReplicaID(), number)
	}
	settlePart(t, s, d, retryAtOnce)
	if d = nextPart(t, s, "1"); !d.IsCertain() {
		t.Error("the next claim is not certain")
	}
}

// The end of validity is found by the clock, also when a renewal comes before the timer.
func TestValidity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		certain, extend := postgres.NewValidity(time.Now().Add(time.Second))
		time.Sleep(500 * time.Millisecond)
		if !certain() || !extend(time.Now().Add(time.Second)) {
			t.Error("it ends before its time")
		}
		time.Sleep(999 * time.Millisecond)
		if !certain() {
			t.Error("it was not extended")
		}
		time.Sleep(time.Millisecond)
		if certain() || extend(time.Now().Add(time.Hour)) || certain() {
			t.Error("it does not end, or begins again")
		}
	})
}
