package journaltest

import (
	"strings"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// wantAge checks how old a row is.
func wantAge(h *harness, what string, stored time.Time, want time.Duration) {
	h.Helper()
	if age := time.Since(stored); age < want-10*moment || age > want+10*moment {
		h.Errorf("%s is %v old, want %v", what, age, want)
	}
}

// wantAges claims message 1 and part a and checks how old they are.
func wantAges(h *harness, want time.Duration) (journal.Turn, journal.Delivery) {
	h.Helper()
	h.OpenOutbox(Slots("web"))
	turn, delivery := h.inbox.next("1"), h.outbox.next("a")
	wantAge(h, "the message", turn.Stored, want)
	wantAge(h, "the part", delivery.Stored, want)
	return turn, delivery
}

var ageTests = map[string]func(*harness){
	// Stored is when a row was stored. A retry does not change it.
	"age: is measured from when a row was stored": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		time.Sleep(time.Hour)
		turn, delivery := wantAges(h, time.Hour)
		h.inbox.retry(turn.Claim, time.Hour)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		time.Sleep(time.Hour)
		wantAges(h, 2*time.Hour)
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
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		wantAge(h, "the message", (<-turns).Stored, 0)
		wantAge(h, "the part", (<-deliveries).Stored, 0)
	},
	// What is replayed has the age of the replay.
	"age: of what is replayed begins with the replay": func(h *harness) {
		h.deadLetters.add("1")
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("p", "a")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		time.Sleep(time.Hour)
		h.deadLetters.replay(h.deadLetters.want("1", "a")...)
		time.Sleep(time.Minute)
		wantAges(h, time.Minute)
	},
}

// reopenAgeTests check what survives a restart.
var reopenAgeTests = map[string]func(*harness){
	// When the store is opened again a row has the age that the wall clock says, and is
	// swept by it.
	"age: goes on when the store is opened again": func(h *harness) {
		h.reopenStale(2 * time.Hour)
		h.inbox.enqueueNew("ann", "1", "2")
		h.outbox.pushParts("p", "a", "b")
		time.Sleep(time.Hour)
		h.reopen()
		h.sweep()
		h.deadLetters.want()
		wantAges(h, time.Hour)
		time.Sleep(time.Hour + time.Second)
		h.reopen()
		h.sweep()
		h.deadLetters.wantExpired("1", "2", "a", "b")
	},
	// What expired or was refused is the same dead letter when the store is opened again,
	// and so is what a deferral left.
	"age: what expired, was refused or deferred stays so": func(h *harness) {
		h.reopenStale(time.Hour)
		h.inbox.refuse(9, 1, message("ann", "0"))
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		h.inbox.enqueueNew("bob", "b")
		h.inbox.deferTurn(h.inbox.next("b").Claim, time.Minute)
		list := h.deadLetters.want("0", "1", "a")
		h.reopen()
		h.equal("dead letters", h.deadLetters.want("0", "1", "a"), list)
		h.equal("kinds", []string{list[0].Kind, list[1].Kind, list[2].Kind},
			[]string{journal.KindRefused, journal.KindExpired, journal.KindExpired})
		h.equal("fresh", h.inbox.enqueue(message("ann", "0")), []bool{false})
		h.inbox.wantNone()
		time.Sleep(time.Minute)
		turn := h.inbox.next("b")
		h.equal("attempt", turn.Attempt, 1)
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.deadLetters.replay(list...)
		h.inbox.answerInOrder("0", "1")
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("a")
	},
}

// monotonicTests check what can't be seen in a bubble, whose clock has no monotonic reading.
var monotonicTests = map[string]func(*harness){
	// Stored has a reading of the monotonic clock, so that the age does not jump when the
	// wall clock is set, whichever way the row was stored.
	"monotonic: ages are measured by the monotonic clock": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		for range 2 {
			turn, delivery := wantMonotonic(h)
			h.inbox.retry(turn.Claim, 0)
			h.outbox.settle(delivery.Claim, journal.PartOutcome{})
		}
		turn, delivery := wantMonotonic(h)
		h.inbox.end(turn.Claim, journal.OutcomeFailed)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Dead: true})
		h.deadLetters.replay(h.deadLetters.want("1", "a")...)
		wantMonotonic(h)
	},
	// It has one also when the row was waited for before it was stored.
	"monotonic: ages of what was waited for are measured so too": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		checked := make(chan struct{})
		go func() {
			defer close(checked)
			wantMonotonic(h)
		}()
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		<-checked
	},
}

// reopenMonotonicTests are those of a store that is opened again.
var reopenMonotonicTests = map[string]func(*harness){
	// It has one also when the row was stored by an earlier run.
	"monotonic: ages of what was stored earlier are measured so too": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		h.reopen()
		h.OpenOutbox(Slots("web"))
		wantMonotonic(h)
	},
}

// wantMonotonic waits for a message and a part and checks that their ages are measured by the
// monotonic clock.
func wantMonotonic(h *harness) (journal.Turn, journal.Delivery) {
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
