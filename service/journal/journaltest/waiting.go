package journaltest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/journal"
)

// wantWaiting checks how much waits of which channel.
func wantWaiting(h *harness, want map[string]journal.Waiting) {
	h.Helper()
	if !cmp.Equal(currentWaiting(h), want) {
		time.Sleep(time.Second) // it may be a second old, as Depth
	}
	h.equal("waiting", currentWaiting(h), want)
}

// currentWaiting returns how much waits of which channel, an empty map for nothing.
func currentWaiting(h *harness) map[string]journal.Waiting {
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
		h.inbox.enqueueNew("ann", "1", "2")
		elsewhere := message("bob", "1")
		elsewhere.Channel = "phone"
		h.inbox.enqueue(elsewhere)
		h.outbox.pushParts("p", "a", "b", "c")
		wantWaiting(h, map[string]journal.Waiting{"web": {Inbox: 2, Outbox: 3}, "phone": {Inbox: 1}})
		h.OpenInbox()
		wantWaiting(h, map[string]journal.Waiting{"web": {Inbox: 2, Outbox: 3}, "phone": {Inbox: 1}})
	},
	// Waiting counts what is claimed, to be retried or replayed, and neither what is done
	// nor dead letters.
	"waiting: counts what is claimed or to be retried, and not what is done": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		wantWaiting(h, map[string]journal.Waiting{})
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		turn, delivery := h.inbox.next("1"), h.outbox.next("a")
		want := map[string]journal.Waiting{"web": {Inbox: 1, Outbox: 1}}
		wantWaiting(h, want)
		h.inbox.retry(turn.Claim, time.Hour)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		wantWaiting(h, want)
		time.Sleep(time.Hour)
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		wantWaiting(h, map[string]journal.Waiting{"web": {Outbox: 1}})
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Dead: true})
		wantWaiting(h, map[string]journal.Waiting{})
		h.deadLetters.replay(h.deadLetters.want("a")...)
		wantWaiting(h, map[string]journal.Waiting{"web": {Outbox: 1}})
	},
	// Waiting does not count what Forget deleted.
	"waiting: what is forgotten is not counted": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.enqueueNew("bob", "1")
		h.outbox.pushParts("p", "a")
		h.forget()
		wantWaiting(h, map[string]journal.Waiting{"web": {Inbox: 1}})
	},
}
