package journaltest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// fullMessage returns a message with every field set, and with text that is easily damaged.
func fullMessage() channels.Message {
	return channels.Message{
		Channel: "web", Sender: "ann\x00\"'", ID: "1", Text: "<b>héllo</b> & \u2028", InputChannel: "site",
		Metadata:    json.RawMessage("{\"b\": 1.0,\n \"a\":12345678901234567890, \"a\":\"\\u003c\"}"),
		Attachments: []channels.Attachment{{Type: "image", URL: "https://x/?a=1&b", MIME: "image/png", Name: "x", Size: 7}},
		Address:     "C1:1700.1", Received: time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC),
	}
}

var enqueueTests = map[string]func(*harness){
	// A message is given to a turn with every field as it was stored, byte for byte, with
	// attempt 1 and the time it was stored.
	"enqueue: a message comes back as it was stored": func(h *harness) {
		h.inbox.enqueue(fullMessage())
		turn := h.inbox.next("1")
		h.equal("message", turn.Message, fullMessage())
		h.equal("attempt", turn.Attempt, 1)
		h.equal("shown", turn.Shown, 0)
		if age := time.Since(turn.Stored); age < 0 || age > time.Second {
			h.Errorf("it was stored %v ago", age)
		}
	},
	// A message that comes again within its window is not stored again, also when the first
	// one is answered already.
	"enqueue: a key that is known is left out, within a batch and after the turn's end": func(h *harness) {
		h.equal("fresh", h.inbox.enqueue(message("ann", "1"), message("ann", "2"), message("ann", "1")), []bool{true, true, false})
		h.equal("fresh", h.inbox.enqueue(message("ann", "2"), message("ann", "3")), []bool{false, true})
		for _, id := range []string{"1", "2", "3"} {
			h.inbox.end(h.inbox.next(id).Claim, journal.OutcomeDone)
		}
		h.equal("fresh", h.inbox.enqueue(message("ann", "1")), []bool{false})
		h.inbox.wantNone()
	},
	// Two messages are the same one only when channel, sender and id are all equal.
	"enqueue: the key is channel, sender and id": func(h *harness) {
		elsewhere := message("ann", "1")
		elsewhere.Channel = "phone"
		h.equal("fresh", h.inbox.enqueue(message("ann", "1"), message("bob", "1"), elsewhere), []bool{true, true, true})
	},
	// A key is remembered for the whole of its window, and no longer; a message stored anew
	// begins a new window.
	"enqueue: a key is forgotten when its window has passed": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		time.Sleep(window - time.Second)
		h.equal("fresh", h.inbox.enqueue(message("ann", "1")), []bool{false})
		time.Sleep(time.Second)
		h.equal("fresh", h.inbox.enqueue(message("ann", "1")), []bool{true})
		time.Sleep(window - time.Second)
		h.equal("fresh", h.inbox.enqueue(message("ann", "1")), []bool{false})
	},
	// Sweep deletes keys whose window has passed, at most limit of them, and returns fewer
	// than limit only when none is left.
	"enqueue: sweep deletes keys whose window has passed and no others": func(h *harness) {
		h.reopenStale(2 * window) // the messages themselves stay
		h.inbox.enqueueNew("ann", "1", "2", "3")
		time.Sleep(window)
		h.inbox.enqueueNew("ann", "4")
		for _, want := range []int{2, 1, 0} {
			n, err := h.Sweep(h.Context(), 2)
			h.wantErr("Sweep", err, nil)
			h.equal("swept", n, want)
		}
		h.equal("fresh", h.inbox.enqueue(message("ann", "1"), message("ann", "4")), []bool{true, false})
	},
	// When the context has ended, Enqueue returns its error and has stored none of the
	// messages.
	"enqueue: an ended context stores nothing": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		_, err := h.Enqueue(ctx, entries(message("ann", "1"), message("ann", "2"))...)
		h.wantErr("Enqueue", err, context.Canceled)
		h.wantDepth(journal.Depth{})
		h.inbox.enqueueNew("ann", "1", "2")
	},
	// Enqueue of no message at all succeeds.
	"enqueue: an empty batch is allowed": func(h *harness) {
		h.equal("fresh", len(h.inbox.enqueue()), 0)
	},
}
