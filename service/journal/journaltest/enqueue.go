package journaltest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// fullMessage sets every field.
func fullMessage() channels.Message {
	return channels.Message{
		Channel: "web", Sender: "ann\x00\"'", ID: "1", Text: "<b>héllo</b> & \u2028", InputChannel: "site",
		Metadata:    json.RawMessage("{\"b\": 1.0,\n \"a\":12345678901234567890, \"a\":\"\\u003c\"}"),
		Attachments: []channels.Attachment{{Type: "image", URL: "https://x/?a=1&b", MIME: "image/png", Name: "x", Size: 7}},
		Address:     "C1:1700.1", Received: time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC),
	}
}

var enqueueTests = map[string]func(*desk){
	"enqueue: a message comes back as it was stored": func(d *desk) {
		d.enqueue(fullMessage())
		turn := d.next("1")
		d.same("message", turn.Message, fullMessage())
		d.same("attempt", turn.Attempt, 1)
		d.same("shown", turn.Shown, 0)
		if age := time.Since(turn.Stored); age < 0 || age > time.Second {
			d.Errorf("it was stored %v ago", age)
		}
	},
	"enqueue: a key that is known is left out, within a batch and after the end": func(d *desk) {
		d.same("fresh", d.enqueue(message("ann", "1"), message("ann", "2"), message("ann", "1")), []bool{true, true, false})
		d.same("fresh", d.enqueue(message("ann", "2"), message("ann", "3")), []bool{false, true})
		for _, id := range []string{"1", "2", "3"} {
			d.end(d.next(id).Claim, journal.OutcomeDone)
		}
		d.same("fresh", d.enqueue(message("ann", "1")), []bool{false})
		d.noNext()
	},
	"enqueue: the key is channel, sender and id": func(d *desk) {
		elsewhere := message("ann", "1")
		elsewhere.Channel = "phone"
		d.same("fresh", d.enqueue(message("ann", "1"), message("bob", "1"), elsewhere), []bool{true, true, true})
	},
	"enqueue: a key is forgotten when its window has passed": func(d *desk) {
		d.put("ann", "1")
		time.Sleep(window - time.Second)
		d.same("fresh", d.enqueue(message("ann", "1")), []bool{false})
		time.Sleep(time.Second)
		d.same("fresh", d.enqueue(message("ann", "1")), []bool{true})
		time.Sleep(window - time.Second)
		d.same("fresh", d.enqueue(message("ann", "1")), []bool{false})
	},
	"enqueue: sweep deletes keys that have passed and no others": func(d *desk) {
		d.put("ann", "1", "2", "3")
		time.Sleep(window)
		d.put("ann", "4")
		for _, want := range []int{2, 1, 0} {
			n, err := d.Sweep(d.Context(), 2)
			d.is("Sweep", err, nil)
			d.same("swept", n, want)
		}
		d.same("fresh", d.enqueue(message("ann", "1"), message("ann", "4")), []bool{true, false})
	},
	"enqueue: an ended context stores nothing": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		_, err := d.Enqueue(ctx, entries(message("ann", "1"), message("ann", "2"))...)
		d.is("Enqueue", err, context.Canceled)
		d.depth(journal.Depth{})
		d.put("ann", "1", "2")
	},
	"enqueue: nothing is a batch too": func(d *desk) {
		d.same("fresh", len(d.enqueue()), 0)
	},
}
