package journaltest

import (
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

var closeTests = map[string]func(*harness){
	// Close ends every call that waits with ErrClosed, and every later call fails with it.
	"close: ends the calls that wait, and all later ones": func(h *harness) {
		release := h.asks.startAcquire(h.Context(), 9).wantLock()
		behind := h.asks.startAcquire(h.Context(), 9)
		errs := make(chan error, 2)
		go func() { _, err := h.Next(h.Context()); errs <- err }()
		go func() { _, err := h.NextPart(h.Context()); errs <- err }()
		synctest.Wait()
		h.closeStore()
		behind.wantReturned(journal.ErrClosed)
		h.wantErr("Next", <-errs, journal.ErrClosed)
		h.wantErr("NextPart", <-errs, journal.ErrClosed)
		release()
		for call, err := range callAll(h) {
			h.wantErr(call, err, journal.ErrClosed)
		}
	},
}

// callAll calls every method that can fail and returns the errors by method.
func callAll(h *harness) map[string]error {
	ctx, errs := h.Context(), map[string]error{}
	_, errs["Enqueue"] = h.Enqueue(ctx, entries(message("ann", "1"))...)
	_, errs["Acquire"] = h.Acquire(ctx, ann, 9)
	_, errs["Next"] = h.Next(ctx)
	errs["Settle"] = h.Settle(ctx, journal.Claim{}, journal.Step{})
	_, errs["NextPart"] = h.NextPart(ctx)
	errs["SettlePart"] = h.SettlePart(ctx, journal.Claim{}, journal.PartOutcome{})
	_, errs["DeadLetters"] = h.DeadLetters(ctx, "", 0, 1)
	_, errs["Replay"] = h.Replay(ctx, 1)
	_, errs["Drop"] = h.Drop(ctx, 1)
	_, errs["Depth"] = h.Depth(ctx)
	_, errs["Sweep"] = h.Sweep(ctx, 1)
	_, errs["Waiting"] = h.Waiting(ctx)
	_, _, errs["Lease"] = h.Lease(ctx, "web")
	_, errs["Setting"] = h.Setting(ctx, "token", "a")
	callAsks(h, errs)
	callEvents(h, errs)
	return errs
}

// callAsks adds the methods of Asks, and those of Outbox that callAll leaves out.
func callAsks(h *harness, errs map[string]error) {
	ctx := h.Context()
	_, _, errs["Begin"] = h.Begin(ctx, journal.Lock{}, entries(message("ann", "1"))[0], nil)
	errs["SettleAsk"] = h.SettleAsk(ctx, journal.Asked{}, journal.Step{})
	_, errs["Recall"] = h.Recall(ctx, keyOf("ann", "1"))
	errs["Wake"] = h.Wake(ctx, ann)
	errs["Gone"] = h.Gone(ctx, ann)
	_, errs["Push"] = h.Push(ctx, pushOf("1", "a"))
	_, _, errs["Address"] = h.Address(ctx, ann)
}

// callEvents adds the methods of Events.
func callEvents(h *harness, errs map[string]error) {
	ctx := h.Context()
	errs["AppendEvents"] = h.AppendEvents(ctx, messageEvent("ann", "1"))
	_, errs["History"] = h.History(ctx, ann, 1)
	_, errs["Events"] = h.Events(ctx, journal.EventFilter{}, 0, 1)
	_, errs["Newest"] = h.Newest(ctx)
	_, errs["Forget"] = h.Forget(ctx, ann)
}
