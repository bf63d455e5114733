package journaltest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// OpenAt opens the store as Open does, with another clock for what it stores and reads.
type OpenAt func(t testing.TB, env journal.Env, now func() time.Time) journal.Journal

// wantAge checks how old a row is.
func (h *harness) wantAge(what string, stored time.Time, want time.Duration) {
	h.Helper()
	if age := time.Since(stored); age < want-10*moment || age > want+10*moment {
		h.Errorf("%s is %v old, want %v", what, age, want)
	}
}

// wantAges claims message 1 and part a and checks how old they are.
func (h *harness) wantAges(want time.Duration) (journal.Turn, journal.Delivery) {
	h.Helper()
	h.OpenOutbox(Slots("web"))
	turn, delivery := h.next("1"), h.nextPart("a")
	h.wantAge("the message", turn.Stored, want)
	h.wantAge("the part", delivery.Stored, want)
	return turn, delivery
}

var ageTests = map[string]func(*harness){
	// Stored is when a row was stored. A retry does not change it.
	"age: is measured from when a row was stored": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		time.Sleep(time.Hour)
		turn, delivery := h.wantAges(time.Hour)
		h.retry(turn.Claim, time.Hour)
		h.settlePart(delivery.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		time.Sleep(time.Hour)
		h.wantAges(2 * time.Hour)
	},
	// It is known also when the row was waited for before it was stored.
	"age: of what was waited for is measured so too": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		turns, deliveries := make(chan journal.Turn), make(chan journal.Delivery)
		go func() {
			turn, err := h.Next(h.Context())
			h.check("Next", err)
			turns <- turn
		}()
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			deliveries <- delivery
		}()
		synctest.Wait()
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		h.wantAge("the message", (<-turns).Stored, 0)
		h.wantAge("the part", (<-deliveries).Stored, 0)
	},
	// What is replayed has the age of the replay.
	"age: of what is replayed begins with the replay": func(h *harness) {
		h.makeDeadLetters("1")
		h.OpenOutbox(Slots("web"))
		h.pushParts("p", "a")
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		h.replay(h.wantDeadLetters("1", "a")...)
		time.Sleep(time.Minute)
		h.wantAges(time.Minute)
	},
}

// reopenAgeTests check what survives a restart.
var reopenAgeTests = map[string]func(*harness){
	// When the store is opened again a row has the age that the wall clock says, and is
	// swept by it.
	"age: goes on when the store is opened again": func(h *harness) {
		h.reopenStale(2 * time.Hour)
		h.enqueueNew("ann", "1", "2")
		h.pushParts("p", "a", "b")
		time.Sleep(time.Hour)
		h.reopen()
		h.sweep()
		h.wantDeadLetters()
		h.wantAges(time.Hour)
		time.Sleep(time.Hour + time.Second)
		h.reopen()
		h.sweep()
		h.wantExpired("1", "2", "a", "b")
	},
	// What expired or was refused is the same dead letter when the store is opened again,
	// and so is what a deferral left.
	"age: what expired, was refused or deferred stays so": func(h *harness) {
		h.reopenStale(time.Hour)
		h.refuse(9, 1, message("ann", "0"))
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		h.enqueueNew("bob", "b")
		h.putOff(h.next("b").Claim, time.Minute)
		list := h.wantDeadLetters("0", "1", "a")
		h.reopen()
		h.equal("dead letters", h.wantDeadLetters("0", "1", "a"), list)
		h.equal("kinds", []string{list[0].Kind, list[1].Kind, list[2].Kind},
			[]string{journal.KindRefused, journal.KindExpired, journal.KindExpired})
		h.equal("fresh", h.enqueue(message("ann", "0")), []bool{false})
		h.wantNoTurn()
		time.Sleep(time.Minute)
		turn := h.next("b")
		h.equal("attempt", turn.Attempt, 1)
		h.end(turn.Claim, journal.OutcomeDone)
		h.replay(list...)
		h.answerInOrder("0", "1")
		h.OpenOutbox(Slots("web"))
		h.sendInOrder("a")
	},
}

// monotonicTests check what can't be seen in a bubble, whose clock has no monotonic reading.
var monotonicTests = map[string]func(*harness){
	// Stored has a reading of the monotonic clock, so that the age does not jump when the
	// wall clock is set, whichever way the row was stored.
	"monotonic: ages are measured by the monotonic clock": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		for range 2 {
			turn, delivery := h.wantMonotonic()
			h.retry(turn.Claim, 0)
			h.settlePart(delivery.Claim, journal.PartOutcome{})
		}
		turn, delivery := h.wantMonotonic()
		h.end(turn.Claim, journal.OutcomeFailed)
		h.settlePart(delivery.Claim, journal.PartOutcome{Dead: true})
		h.replay(h.wantDeadLetters("1", "a")...)
		h.wantMonotonic()
	},
	// It has one also when the row was waited for before it was stored.
	"monotonic: ages of what was waited for are measured so too": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		checked := make(chan struct{})
		go func() {
			defer close(checked)
			h.wantMonotonic()
		}()
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		<-checked
	},
}

// reopenMonotonicTests are those of a store that is opened again.
var reopenMonotonicTests = map[string]func(*harness){
	// It has one also when the row was stored by an earlier run.
	"monotonic: ages of what was stored earlier are measured so too": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		h.reopen()
		h.OpenOutbox(Slots("web"))
		h.wantMonotonic()
	},
}

// wantMonotonic waits for a message and a part and checks that their ages are measured by the
// monotonic clock.
func (h *harness) wantMonotonic() (journal.Turn, journal.Delivery) {
	h.Helper()
	turn, err := h.Next(h.Context())
	h.check("Next", err)
	delivery, err := h.NextPart(h.Context())
	h.check("NextPart", err)
	for what, stored := range map[string]time.Time{"the message": turn.Stored, "the part": delivery.Stored} {
		if !strings.Contains(stored.String(), " m=") { // as Time.String shows the reading
			h.Errorf("Stored of %s has no reading of the monotonic clock", what)
		}
		if age := time.Since(stored); age < 0 || age > time.Hour {
			h.Errorf("%s is %v old", what, age)
		}
	}
	return turn, delivery
}

// reopenAt opens the store again with a clock that goes before or after the real one.
func (h *harness) reopenAt(openAt OpenAt, shift time.Duration) {
	h.Helper()
	h.closeStore()
	h.Journal = openAt(h.T, h.env, func() time.Time { return time.Now().Add(shift).Round(0) })
}

// clockTests check a store that is opened again after the wall clock was set.
func clockTests(openAt OpenAt) map[string]func(*harness) {
	return map[string]func(*harness){
		// When the wall clock was set back between two runs, a row that is to be tried again
		// waits as long as it was to wait at first, and no longer.
		"clock: set back, nothing waits for longer": func(h *harness) {
			h.OpenOutbox(Slots("web"))
			h.enqueueNew("ann", "1")
			h.retry(h.next("1").Claim, time.Minute)
			h.pushParts("p", "a")
			h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Retry: time.Now().Add(time.Minute)})
			h.reopenAt(openAt, -time.Hour)
			h.OpenOutbox(Slots("web"))
			h.wantNoTurn()
			h.wantNoPart()
			time.Sleep(time.Minute)
			h.next("1")
			h.nextPart("a")
		},
		// However far in the future a loaded row is due, it waits for MaxPause at most.
		"clock: nothing waits for more than the longest pause": func(h *harness) {
			h.enqueueNew("ann", "1")
			h.retry(h.next("1").Claim, 9*time.Hour)
			h.reopenAt(openAt, -9*time.Hour)
			time.Sleep(journal.MaxPause - time.Second)
			h.wantNoTurn()
			time.Sleep(2 * time.Second)
			h.next("1")
		},
		// When the wall clock was set back, no age is below 0, and the age goes on from there.
		"clock: set back, ages begin at 0": func(h *harness) {
			h.reopenStale(time.Hour)
			h.enqueueNew("ann", "1")
			h.pushParts("p", "a")
			time.Sleep(30 * time.Minute)
			h.reopenAt(openAt, -time.Hour)
			h.wantAges(0)
			h.enqueueNew("ann", "2")
			h.reopenAt(openAt, -time.Hour)
			time.Sleep(time.Hour + time.Second)
			h.sweep()
			for _, d := range h.wantDeadLetters("1", "2", "a") {
				h.equal("kind", d.Kind, journal.KindExpired)
			}
		},
		// At the start age is measured by the wall clock.
		"clock: what was stored before a long stop is stale at the start": func(h *harness) {
			h.reopenStale(time.Hour)
			h.enqueueNew("ann", "1")
			h.reopenAt(openAt, 2*time.Hour)
			h.sweep()
			h.equal("kind", h.wantDeadLetters("1")[0].Kind, journal.KindExpired)
		},
	}
}
