package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var pushTests = map[string]func(*harness){
	// Pushed parts go to the end of the conversation's outbox with every field as it was,
	// and the push's events are appended.
	"push: parts come back as they were, behind what waits, and its events are appended": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		p := journal.Push{Key: keyOf("bob", "p"), Window: window, Parts: []channels.Part{fullPart(), part("bob", "2")}}
		p.Events = []channels.Event{replyEvent("bob", "p", fullPart().Reply), replyEvent("bob", "p", channels.Reply{Text: "2"})}
		h.outbox.storeParts("bob", "1")
		before := h.events.all()
		h.outbox.pushNew(p)
		h.events.wantEqual(h.events.all(), append(before, p.Events...)...)
		h.outbox.settle(h.outbox.next("1").Claim, journal.PartOutcome{Sent: true})
		delivery := h.outbox.next("full")
		h.equal("part", delivery.Part, fullPart())
		h.equal("attempts", delivery.Attempts, 0)
		if age := time.Since(delivery.Stored); age < 0 || age > time.Minute {
			h.Errorf("it was stored %v ago", age)
		}
		h.outbox.wantNone()
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Sent: true})
		h.outbox.storeParts("bob", "3")
		h.outbox.sendInOrder("2", "3")
	},
	// A call of NextPart that waits returns when a part is pushed.
	"push: wakes a call that waits for its part": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		got := make(chan string)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		h.outbox.wantNone()
		h.outbox.pushParts("1", "a")
		h.equal("part", <-got, "a")
	},
	// Pushed parts wait while their channel is closed, and the conversation's messages are
	// answered meanwhile.
	"push: waits for its channel, and blocks no turn": func(h *harness) {
		h.outbox.pushParts("1", "a")
		h.outbox.wantNone()
		h.inbox.enqueueNew("ann", "2")
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeDone)
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("a")
	},
	// A push whose key was pushed before stores no part and no event, and gets the first
	// push's digest, also once its parts were sent.
	"push: a key that was pushed changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		again := pushOf("1", "b")
		again.Digest = []byte("other")
		again.Events = []channels.Event{replyEvent("ann", "1", channels.Reply{Text: "b"})}
		wantUnchanged(h, func() {
			h.equal("digest", h.outbox.pushKnown(again).Digest, []byte("digest of 1"))
			h.outbox.sendInOrder("a")
			h.equal("digest", h.outbox.pushKnown(again).Digest, []byte("digest of 1"))
		})
		h.outbox.wantNone()
	},
	// A push whose key belongs to a stored or an asked message stores nothing and gets what
	// is known of that message.
	"push: a key that was stored or asked changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.asks.askAndEnd("2", journal.OutcomeDone, "a")
		known := h.asks.recall("2")
		wantUnchanged(h, func() {
			h.equal("digest", h.outbox.pushKnown(pushOf("1", "b")).Digest, []byte(nil))
			h.equal("known", h.outbox.pushKnown(pushOf("2", "c")), known)
		})
		h.outbox.wantNone()
	},
	// The key of a push is taken for Enqueue and Begin too, and Recall returns its digest.
	"push: its key is known to Enqueue, Begin and Recall": func(h *harness) {
		h.outbox.pushParts("1", "a")
		h.equal("digest", h.asks.recall("1").Digest, []byte("digest of 1"))
		h.equal("state", h.asks.recall("1").State, journal.State(""))
		h.equal("fresh", h.inbox.enqueue(message("ann", "1"), message("bob", "1")), []bool{false, true})
		lock := h.asks.acquire()
		defer lock.Release()
		wantUnchanged(h, func() { h.equal("digest", h.asks.beginKnown(lock, "digest of 1").Digest, []byte("digest of 1")) })
	},
	// The key of a push is remembered for the whole of its window, and no longer.
	"push: a key is forgotten when its window has passed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		time.Sleep(window - time.Second)
		h.outbox.pushKnown(pushOf("1", "b"))
		time.Sleep(time.Second)
		h.asks.wantUnknown("1")
		h.outbox.pushParts("1", "c")
		h.outbox.sendInOrder("a", "c")
	},
	// When the context has ended, Push returns its error and has stored neither key nor
	// parts nor events.
	"push: an ended context changes nothing": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		p := pushOf("1", "a")
		p.Events = []channels.Event{replyEvent("ann", "1", channels.Reply{Text: "a"})}
		_, err := h.Push(ctx, p)
		h.wantErr("Push", err, context.Canceled)
		h.asks.wantUnknown("1")
		h.events.want()
		h.wantDepth(journal.Depth{})
	},
}
