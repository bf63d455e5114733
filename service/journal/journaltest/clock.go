package journaltest

import (
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// OpenAt opens the store as Open does, with another clock for what it stores and reads.
type OpenAt func(t testing.TB, env journal.Env, now func() time.Time) journal.Journal

// reopenAt opens the store again with a clock that goes before or after the real one.
func reopenAt(h *harness, openAt OpenAt, shift time.Duration) {
	h.Helper()
	h.closeStore()
	h.Journal = openAt(h.T, h.env, func() time.Time { return time.Now().Add(shift).Round(0) })
}

// clockTests check when rows are due in a store that is opened again after the wall clock
// was set.
func clockTests(openAt OpenAt) map[string]func(*harness) {
	return map[string]func(*harness){
		// When the wall clock was set back between two runs, a row that is to be tried again
		// waits as long as it was to wait at first, and no longer.
		"clock: set back, nothing waits for longer": func(h *harness) {
			h.OpenOutbox(Slots("web"))
			h.inbox.enqueueNew("ann", "1")
			h.inbox.retry(h.inbox.next("1").Claim, time.Minute)
			h.outbox.pushParts("p", "a")
			h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Retry: time.Now().Add(time.Minute)})
			reopenAt(h, openAt, -time.Hour)
			h.OpenOutbox(Slots("web"))
			h.inbox.wantNone()
			h.outbox.wantNone()
			time.Sleep(time.Minute)
			h.inbox.next("1")
			h.outbox.next("a")
		},
		// However far in the future a loaded row is due, it waits for MaxPause at most.
		"clock: nothing waits for more than the longest pause": func(h *harness) {
			h.inbox.enqueueNew("ann", "1")
			h.inbox.retry(h.inbox.next("1").Claim, 9*time.Hour)
			reopenAt(h, openAt, -9*time.Hour)
			time.Sleep(journal.MaxPause - time.Second)
			h.inbox.wantNone()
			time.Sleep(2 * time.Second)
			h.inbox.next("1")
		},
	}
}

// clockAgeTests check the ages of rows in a store that is opened again after the wall clock
// was set.
func clockAgeTests(openAt OpenAt) map[string]func(*harness) {
	return map[string]func(*harness){
		// When the wall clock was set back, no age is below 0, and the age goes on from there.
		"clock: set back, ages begin at 0": func(h *harness) {
			h.reopenStale(time.Hour)
			h.inbox.enqueueNew("ann", "1")
			h.outbox.pushParts("p", "a")
			time.Sleep(30 * time.Minute)
			reopenAt(h, openAt, -time.Hour)
			wantAges(h, 0)
			h.inbox.enqueueNew("ann", "2")
			reopenAt(h, openAt, -time.Hour)
			time.Sleep(time.Hour + time.Second)
			h.sweep()
			for _, d := range h.deadLetters.want("1", "2", "a") {
				h.equal("kind", d.Kind, journal.KindExpired)
			}
		},
		// At the start age is measured by the wall clock.
		"clock: what was stored before a long stop is stale at the start": func(h *harness) {
			h.reopenStale(time.Hour)
			h.inbox.enqueueNew("ann", "1")
			reopenAt(h, openAt, 2*time.Hour)
			h.sweep()
			h.equal("kind", h.deadLetters.want("1")[0].Kind, journal.KindExpired)
		},
	}
}
