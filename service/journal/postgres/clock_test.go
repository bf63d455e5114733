//go:build unix

package postgres_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
)

// When the wall clock is set while the program runs, nothing is older for it, and what is
// to be tried again waits no longer.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	var shift atomic.Int64
	o := shortLease().WithClock(func() time.Time { return time.Now().Add(time.Duration(shift.Load())).Round(0) })
	s := openReplica(t, newDatabase(t), o)
	s.OpenOutbox(journaltest.Slots("web"))
	push(t, s, bob, "1", "2")
	shift.Store(int64(48 * time.Hour))
	if n, err := s.Sweep(t.Context(), 9); n != 0 || err != nil {
		t.Fatalf("set forward, %d are swept, error %v", n, err)
	}
	d := nextPart(t, s, "1")
	if age := time.Since(d.Stored); age < 0 || age > time.Minute {
		t.Errorf("set forward, the part is %v old", age)
	}
	pause := 2 * time.Second
	settlePart(t, s, d, journal.PartOutcome{Retry: time.Now().Add(48*time.Hour + pause)})
	shift.Store(0) // 48 hours back
	s.Rescan()
	d = nextPart(t, s, "1")
	if age := time.Since(d.Stored); age < 0 || age > time.Minute {
		t.Errorf("set back, the part is %v old", age)
	}
}
