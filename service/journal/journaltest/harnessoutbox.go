package journaltest

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// part returns a part for the sender on channel "web", whose text is its id.
func part(sender, id string) channels.Part {
	return channels.Part{Channel: "web", Sender: sender, ID: id, Reply: channels.Reply{Text: id}}
}

// storeParts stores parts for the sender through a turn of their own, which then is done.
func (h *harness) storeParts(sender string, ids ...string) {
	h.Helper()
	h.enqueueNew(sender, "for "+ids[0])
	step := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
	for _, id := range ids {
		step.Parts = append(step.Parts, part(sender, id))
	}
	h.settle(h.next("for "+ids[0]).Claim, step)
}

// nextPart claims the next part, which must have the id.
func (h *harness) nextPart(id string) journal.Delivery {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	delivery, err := h.NextPart(ctx)
	if err != nil {
		h.Fatalf("NextPart: %v, want part %s", err, id)
	}
	if delivery.Part.ID != id {
		h.Fatalf("NextPart returns part %s, want %s", delivery.Part.ID, id)
	}
	return delivery
}

// deliveries claims as many parts as there are ids and returns them by id. They may come
// in any order.
func (h *harness) deliveries(ids ...string) map[string]journal.Delivery {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	got := map[string]journal.Delivery{}
	for range ids {
		delivery, err := h.NextPart(ctx)
		if err != nil {
			h.Fatalf("NextPart: %v, want the parts %v", err, ids)
		}
		got[delivery.Part.ID] = delivery
	}
	slices.Sort(ids)
	h.equal("parts", slices.Sorted(maps.Keys(got)), ids)
	return got
}

// wantNoPart checks that no part is due.
func (h *harness) wantNoPart() {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	if delivery, err := h.NextPart(ctx); !errors.Is(err, context.DeadlineExceeded) {
		h.Fatalf("NextPart returns part %q and error %v, want it to wait", delivery.Part.ID, err)
	}
}

// settlePart commits the outcome of one attempt to send a part.
func (h *harness) settlePart(c journal.Claim, o journal.PartOutcome) {
	h.Helper()
	if err := h.SettlePart(h.Context(), c, o); err != nil {
		h.Fatalf("SettlePart: %v", err)
	}
}
