package journaltest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// message returns a message of the sender on channel "web", received now, whose text
// is its id.
func message(sender, id string) channels.Message {
	return channels.Message{Channel: "web", Sender: sender, ID: id, Text: id, Received: time.Now()}
}

// entries returns the messages as Enqueue takes them.
func entries(ms ...channels.Message) []journal.Entry {
	es := make([]journal.Entry, len(ms))
	for i, m := range ms {
		es[i] = journal.Entry{Message: m, Window: window}
	}
	return es
}

// enqueueNew stores messages of one sender, one Enqueue each. All must be new.
func (h *harness) enqueueNew(sender string, ids ...string) {
	h.Helper()
	for _, id := range ids {
		if fresh := h.enqueue(message(sender, id)); !fresh[0] {
			h.Fatalf("Enqueue says that %s of %s is not new", id, sender)
		}
	}
}

// enqueue stores messages in one Enqueue and returns which were new.
func (h *harness) enqueue(ms ...channels.Message) []bool {
	h.Helper()
	fresh, err := h.Enqueue(h.Context(), entries(ms...)...)
	if err != nil {
		h.Fatalf("Enqueue: %v", err)
	}
	return fresh
}

// next claims the next message, which must have the id.
func (h *harness) next(id string) journal.Turn {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	turn, err := h.Next(ctx)
	if err != nil {
		h.Fatalf("Next: %v, want message %s", err, id)
	}
	if turn.Message.ID != id {
		h.Fatalf("Next returns message %s, want %s", turn.Message.ID, id)
	}
	return turn
}

// turns claims as many messages as there are ids and returns their turns by id. They may
// come in any order.
func (h *harness) turns(ids ...string) map[string]journal.Turn {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	got := map[string]journal.Turn{}
	for range ids {
		turn, err := h.Next(ctx)
		if err != nil {
			h.Fatalf("Next: %v, want the messages %v", err, ids)
		}
		got[turn.Message.ID] = turn
	}
	slices.Sort(ids)
	h.equal("messages", slices.Sorted(maps.Keys(got)), ids)
	return got
}

// wantNoTurn checks that no message is due.
func (h *harness) wantNoTurn() {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), moment)
	defer cancel()
	if turn, err := h.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		h.Fatalf("Next returns message %q and error %v, want it to wait", turn.Message.ID, err)
	}
}

// settle commits one step of a turn.
func (h *harness) settle(c journal.Claim, s journal.Step) {
	h.Helper()
	if err := h.Settle(h.Context(), c, s); err != nil {
		h.Fatalf("Settle: %v", err)
	}
}

// end commits the end of a turn.
func (h *harness) end(c journal.Claim, o journal.Outcome) {
	h.Helper()
	h.settle(c, journal.Step{End: &journal.End{Outcome: o, Reason: "because"}})
}

// retry ends an attempt; the message is due again after a while.
func (h *harness) retry(c journal.Claim, after time.Duration) {
	h.Helper()
	h.settle(c, journal.Step{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(after)}})
}
