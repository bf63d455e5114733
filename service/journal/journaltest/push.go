package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// pushOf returns a push to ann without events, whose digest depends on its id alone.
func pushOf(id string, parts ...string) journal.Push {
	p := journal.Push{Key: keyOf("ann", id), Digest: []byte("digest of " + id), Window: window}
	for _, name := range parts {
		p.Parts = append(p.Parts, part("ann", name))
	}
	return p
}

// pushParts pushes parts to ann, under a key that must be new.
func (h *harness) pushParts(id string, parts ...string) {
	h.Helper()
	h.pushNew(pushOf(id, parts...))
}

// pushNew pushes under a key that must be new.
func (h *harness) pushNew(p journal.Push) {
	h.Helper()
	known, err := h.Push(h.Context(), p)
	if err != nil || known != nil {
		h.Fatalf("Push of %s returns %+v, error %v; want it to be new", p.Key.ID, known, err)
	}
}

// pushKnown pushes under a key that must be known, and returns what is known of it.
func (h *harness) pushKnown(p journal.Push) journal.Known {
	h.Helper()
	known, err := h.Push(h.Context(), p)
	if err != nil || known == nil {
		h.Fatalf("Push of %s returns %+v, error %v; want it to be known", p.Key.ID, known, err)
	}
	return normalize(*known)
}

// sendInOrder checks that these parts come next, one at a time, and settles them as sent.
func (h *harness) sendInOrder(ids ...string) {
	h.Helper()
	for _, id := range ids {
		delivery := h.nextPart(id)
		h.wantNoPart()
		h.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
	}
	h.wantNoPart()
}

var pushTests = map[string]func(*harness){
	// Pushed parts go to the end of the conversation's outbox with every field as it was,
	// and the push's events are appended.
	"push: parts come back as they were, behind what waits, and its events are appended": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		p := journal.Push{Key: keyOf("bob", "p"), Window: window, Parts: []channels.Part{fullPart(), part("bob", "2")}}
		p.Events = []channels.Event{replyEvent("bob", "p", fullPart().Reply), replyEvent("bob", "p", channels.Reply{Text: "2"})}
		h.storeParts("bob", "1")
		before := h.storedEvents()
		h.pushNew(p)
		h.equalEvents(h.storedEvents(), append(before, p.Events...)...)
		h.settlePart(h.nextPart("1").Claim, journal.PartOutcome{Sent: true})
		delivery := h.nextPart("full")
		h.equal("part", delivery.Part, fullPart())
		h.equal("attempts", delivery.Attempts, 0)
		if age := time.Since(delivery.Stored); age < 0 || age > time.Minute {
			h.Errorf("it was stored %v ago", age)
		}
		h.wantNoPart()
		h.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		h.storeParts("bob", "3")
		h.sendInOrder("2", "3")
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
		h.wantNoPart()
		h.pushParts("1", "a")
		h.equal("part", <-got, "a")
	},
	// Pushed parts wait while their channel is closed, and the conversation's messages are
	// answered meanwhile.
	"push: waits for its channel, and blocks no turn": func(h *harness) {
		h.pushParts("1", "a")
		h.wantNoPart()
		h.enqueueNew("ann", "2")
		h.end(h.next("2").Claim, journal.OutcomeDone)
		h.OpenOutbox(Slots("web"))
		h.sendInOrder("a")
	},
	// A push whose key was pushed before stores no part and no event, and gets the first
	// push's digest, also once its parts were sent.
	"push: a key that was pushed changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		again := pushOf("1", "b")
		again.Digest = []byte("other")
		again.Events = []channels.Event{replyEvent("ann", "1", channels.Reply{Text: "b"})}
		h.wantUnchanged(func() {
			h.equal("digest", h.pushKnown(again).Digest, []byte("digest of 1"))
			h.sendInOrder("a")
			h.equal("digest", h.pushKnown(again).Digest, []byte("digest of 1"))
		})
		h.wantNoPart()
	},
	// A push whose key belongs to a stored or an asked message stores nothing and gets what
	// is known of that message.
	"push: a key that was stored or asked changes nothing": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.enqueueNew("ann", "1")
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.askAndEnd("2", journal.OutcomeDone, "a")
		known := h.recall("2")
		h.wantUnchanged(func() {
			h.equal("digest", h.pushKnown(pushOf("1", "b")).Digest, []byte(nil))
			h.equal("known", h.pushKnown(pushOf("2", "c")), known)
		})
		h.wantNoPart()
	},
	// The key of a push is taken for Enqueue and Begin too, and Recall returns its digest.
	"push: its key is known to Enqueue, Begin and Recall": func(h *harness) {
		h.pushParts("1", "a")
		h.equal("digest", h.recall("1").Digest, []byte("digest of 1"))
		h.equal("state", h.recall("1").State, journal.State(""))
		h.equal("fresh", h.enqueue(message("ann", "1"), message("bob", "1")), []bool{false, true})
		lock := h.acquire()
		defer lock.Release()
		h.wantUnchanged(func() { h.equal("digest", h.beginKnown(lock, "digest of 1").Digest, []byte("digest of 1")) })
	},
	// The key of a push is remembered for the whole of its window, and no longer.
	"push: a key is forgotten when its window has passed": func(h *harness) {
		h.OpenOutbox(Slots("web"))
		h.pushParts("1", "a")
		time.Sleep(window - time.Second)
		h.pushKnown(pushOf("1", "b"))
		time.Sleep(time.Second)
		h.wantUnknown("1")
		h.pushParts("1", "c")
		h.sendInOrder("a", "c")
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
		h.wantUnknown("1")
		h.wantEvents()
		h.wantDepth(journal.Depth{})
	},
}
