package journaltest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/journal"
)

// store is the store under test, as it is open now, and the test. The harness and its
// clients share one: when the harness opens the store again, all of them have the new one.
type store struct {
	*testing.T
	journal.Journal
}

// equal checks that a value is as wanted.
func (s *store) equal(what string, got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// wantErr checks that a call returned the error; nil means none.
func (s *store) wantErr(call string, got, want error) {
	s.Helper()
	if !errors.Is(got, want) {
		s.Fatalf("%s returns error %v, want %v", call, got, want)
	}
}

// check reports that a call failed and lets the test go on, so any goroutine may call it.
func (s *store) check(call string, err error) {
	s.Helper()
	if err != nil {
		s.Errorf("%s: %v", call, err)
	}
}

// wantDepth checks how much waits.
func (s *store) wantDepth(want journal.Depth) {
	s.Helper()
	if s.currentDepth() != want {
		time.Sleep(time.Second) // it may be a second old
	}
	s.equal("depth", s.currentDepth(), want)
}

// currentDepth returns how much waits, without the free space of the disk.
func (s *store) currentDepth() journal.Depth {
	s.Helper()
	got, err := s.Depth(s.Context())
	if err != nil {
		s.Fatalf("Depth: %v", err)
	}
	got.Free = 0
	return got
}
