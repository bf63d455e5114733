package journaltest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/journal"
)

// wantDepth checks how much waits.
func (h *harness) wantDepth(want journal.Depth) {
	h.Helper()
	if h.currentDepth() != want {
		time.Sleep(time.Second) // it may be a second old
	}
	h.equal("depth", h.currentDepth(), want)
}

// currentDepth returns how much waits, without the free space of the disk.
func (h *harness) currentDepth() journal.Depth {
	h.Helper()
	got, err := h.Depth(h.Context())
	if err != nil {
		h.Fatalf("Depth: %v", err)
	}
	got.Free = 0
	return got
}

// wantWaiting checks how much waits of which channel.
func (h *harness) wantWaiting(want map[string]journal.Waiting) {
	h.Helper()
	if !cmp.Equal(h.currentWaiting(), want) {
		time.Sleep(time.Second) // it may be a second old, as Depth
	}
	h.equal("waiting", h.currentWaiting(), want)
}

// currentWaiting returns how much waits of which channel, an empty map for nothing.
func (h *harness) currentWaiting() map[string]journal.Waiting {
	h.Helper()
	got, err := h.Waiting(h.Context())
	if err != nil {
		h.Fatalf("Waiting: %v", err)
	}
	if got == nil {
		got = map[string]journal.Waiting{}
	}
	return got
}

var waitingTests = map[string]func(*harness){
	// Waiting counts messages and parts by channel, whether the channel is open or not.
	"waiting: is counted by channel, also of those that are not open": func(h *harness) {
		h.OpenInbox("web")
		h.enqueueNew("ann", "1", "2")
		elsewhere := message("bob", "1")
		elsewhere.Channel = "phone"
		h.enqueue(elsewhere)
		h.pushParts("p", "a", "b", "c")
		h.wantWaiting(map[string]journal.Waiting{"web": {Inbox: 2, Outbox: 3}, "phone": {Inbox: 1}})
		h.OpenInbox()
		h.wantWaiting(map[string]journal.Waiting{"web": {Inbox: 2, Outbox: 3}, "phone": {Inbox: 1}})
	},
	// Waiting counts what is claimed, to be retried or replayed, and neither what is done
	// nor dead letters.
	"waiting: counts what is claimed or to be retried, and not what is done": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.wantWaiting(map[string]journal.Waiting{})
		h.enqueueNew("ann", "1")
		h.pushParts("p", "a")
		turn, delivery := h.next("1"), h.nextPart("a")
		want := map[string]journal.Waiting{"web": {Inbox: 1, Outbox: 1}}
		h.wantWaiting(want)
		h.retry(turn.Claim, time.Hour)
		h.settlePart(delivery.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		h.wantWaiting(want)
		time.Sleep(time.Hour)
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.wantWaiting(map[string]journal.Waiting{"web": {Outbox: 1}})
		h.settlePart(h.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		h.wantWaiting(map[string]journal.Waiting{})
		h.replay(h.wantDeadLetters("a")...)
		h.wantWaiting(map[string]journal.Waiting{"web": {Outbox: 1}})
	},
	// Waiting does not count what Forget deleted.
	"waiting: what is forgotten is not counted": func(h *harness) {
		h.enqueueNew("ann", "1", "2")
		h.enqueueNew("bob", "1")
		h.pushParts("p", "a")
		h.forget()
		h.wantWaiting(map[string]journal.Waiting{"web": {Inbox: 1}})
	},
}
