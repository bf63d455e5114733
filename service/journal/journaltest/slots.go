package journaltest

import (
	"context"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Slots opens channels with the slots that each has where its Limits say nothing.
func Slots(names ...string) map[string]int {
	slots := map[string]int{}
	for _, name := range names {
		slots[name] = channels.DefaultConcurrent
	}
	return slots
}

// storeOn stores a part for each of these senders of a channel, whose id is the sender's.
func storeOn(outbox outboxClient, channel string, senders ...string) {
	outbox.Helper()
	for _, sender := range senders {
		outbox.storePartOn(channel, sender, sender)
	}
}

// claimAll claims parts until none is due, and returns them by id.
func claimAll(outbox outboxClient) map[string]journal.Delivery {
	outbox.Helper()
	got := map[string]journal.Delivery{}
	for {
		ctx, cancel := context.WithTimeout(outbox.Context(), moment)
		delivery, err := outbox.NextPart(ctx)
		cancel()
		if err != nil {
			return got
		}
		got[delivery.Part.ID] = delivery
	}
}

// anyClaim returns one of the claims.
func anyClaim(parts map[string]journal.Delivery) journal.Claim {
	for _, d := range parts {
		return d.Claim
	}
	return journal.Claim{}
}

var slotTests = map[string]func(*harness){
	// Of a channel no more parts are claimed at once than it has slots. The parts of another
	// channel do not wait for it, however many stand before them.
	"slots: a channel whose slots are all claimed does not delay another": func(h *harness) {
		h.OpenOutbox(map[string]int{"hung": 2, "phone": 1})
		storeOn(h.outbox, "hung", "a", "b", "c", "d")
		h.equal("claimed", len(claimAll(h.outbox)), 2)
		storeOn(h.outbox, "phone", "p")
		h.outbox.next("p")
		h.outbox.wantNone()
	},
	// A call of NextPart that waits while a channel's slots are all claimed returns with the
	// part of another as soon as that is stored.
	"slots: a call that waits gets the part of a channel with a free slot": func(h *harness) {
		h.OpenOutbox(map[string]int{"hung": 1, "phone": 1})
		storeOn(h.outbox, "hung", "a", "b")
		h.equal("claimed", len(claimAll(h.outbox)), 1)
		got := make(chan string)
		go func() {
			delivery, err := h.NextPart(h.Context())
			h.check("NextPart", err)
			got <- delivery.Part.ID
		}()
		storeOn(h.outbox, "hung", "c")
		storeOn(h.outbox, "phone", "p")
		h.equal("part", <-got, "p")
	},
	// A slot is free again when its part was sent, put back, given up or forgotten.
	"slots: however a claim ends, its slot is free": func(h *harness) {
		for name, end := range map[string]func(journal.Delivery){
			"sent":    func(d journal.Delivery) { h.outbox.settle(d.Claim, journal.PartOutcome{Sent: true}) },
			"expired": func(d journal.Delivery) { h.outbox.settle(d.Claim, journal.PartOutcome{Expired: true}) },
			"dead":    func(d journal.Delivery) { h.outbox.settle(d.Claim, journal.PartOutcome{Dead: true}) },
			"retried": func(d journal.Delivery) {
				h.outbox.settle(d.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
			},
			"forgotten": func(d journal.Delivery) {
				_, err := h.Forget(h.Context(), d.Part.Conversation())
				h.wantErr("Forget", err, nil)
			},
		} {
			h.OpenOutbox(map[string]int{name: 1})
			storeOn(h.outbox, name, "a", "b")
			first := claimAll(h.outbox)
			h.equal("claimed", len(first), 1)
			for _, d := range first {
				end(d)
			}
			h.equal("claimed once the first is "+name, len(claimAll(h.outbox)), 1)
		}
	},
	// A limit that is lowered leaves the claims that are in force, and nothing more is
	// claimed until fewer are.
	"slots: a lowered limit leaves claims and gives out nothing above it": func(h *harness) {
		h.OpenOutbox(map[string]int{"web": 3})
		storeOn(h.outbox, "web", "a", "b", "c", "d", "e")
		parts := claimAll(h.outbox)
		h.equal("claimed", len(parts), 3)
		h.OpenOutbox(map[string]int{"web": 1})
		for n := 3; n > 0; n-- {
			h.outbox.wantNone()
			claim := anyClaim(parts)
			h.outbox.settle(claim, journal.PartOutcome{Sent: true})
			for id, d := range parts {
				if d.Claim == claim {
					delete(parts, id)
				}
			}
		}
		h.equal("claimed", len(claimAll(h.outbox)), 1)
	},
	// A limit that is raised gives out parts at once, also to calls that wait.
	"slots: a raised limit wakes a call that waits": func(h *harness) {
		h.OpenOutbox(map[string]int{"web": 1})
		storeOn(h.outbox, "web", "a", "b", "c")
		h.equal("claimed", len(claimAll(h.outbox)), 1)
		got := make(chan error)
		go func() {
			_, err := h.NextPart(h.Context())
			got <- err
		}()
		h.outbox.wantNone()
		h.OpenOutbox(map[string]int{"web": 2})
		h.wantErr("NextPart", <-got, nil)
		h.outbox.wantNone()
		h.OpenOutbox(map[string]int{"web": 3})
		h.equal("claimed", len(claimAll(h.outbox)), 1)
	},
	// No part is given out of a channel with no slot, nor when the list names none.
	"slots: none is none": func(h *harness) {
		storeOn(h.outbox, "web", "a")
		for _, slots := range []map[string]int{{"web": 0}, {}, nil} {
			h.OpenOutbox(slots)
			h.outbox.wantNone()
		}
		h.OpenOutbox(map[string]int{"web": 1})
		h.outbox.next("a")
	},
	// With fewer slots than conversations all parts are sent, those of each conversation in
	// order, also when parts are put back.
	"slots: the order of each conversation is kept": func(h *harness) {
		const conversations, each = 5, 4
		h.OpenOutbox(map[string]int{"web": 2})
		var want []string
		for n := range each {
			want = append(want, fmt.Sprint(n))
			for c := range conversations {
				h.outbox.storePartOn("web", fmt.Sprint("sender", c), fmt.Sprint(n))
			}
		}
		got := map[string][]string{}
		for i := 0; ; i++ {
			ctx, cancel := context.WithTimeout(h.Context(), moment)
			d, err := h.NextPart(ctx)
			cancel()
			if err != nil {
				break
			}
			if i%3 == 0 {
				h.outbox.settle(d.Claim, journal.PartOutcome{})
				continue
			}
			got[d.Part.Sender] = append(got[d.Part.Sender], d.Part.ID)
			h.outbox.settle(d.Claim, journal.PartOutcome{Sent: true})
		}
		h.equal("conversations", len(got), conversations)
		for sender, ids := range got {
			h.equal("parts of "+sender, ids, want)
		}
	},
}
