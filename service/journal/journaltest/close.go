package journaltest

import (
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

var closeTests = map[string]func(*desk){
	"close: ends the calls that wait, and all later ones": func(d *desk) {
		leave := d.first(d.join(d.Context(), 9))
		behind := d.join(d.Context(), 9)
		errs := make(chan error, 2)
		go func() { _, err := d.Next(d.Context()); errs <- err }()
		go func() { _, err := d.NextPart(d.Context()); errs <- err }()
		synctest.Wait()
		d.shut()
		d.returned(behind, journal.ErrClosed)
		d.is("Next", <-errs, journal.ErrClosed)
		d.is("NextPart", <-errs, journal.ErrClosed)
		leave()
		for call, err := range d.all() {
			d.is(call, err, journal.ErrClosed)
		}
	},
}

// all calls every method and returns the errors.
func (d *desk) all() map[string]error {
	ctx, errs := d.Context(), map[string]error{}
	_, errs["Enqueue"] = d.Enqueue(ctx, entries(message("ann", "1"))...)
	_, errs["Join"] = d.Acquire(ctx, ann, 9)
	_, errs["Next"] = d.Next(ctx)
	errs["Settle"] = d.Settle(ctx, journal.Claim{}, journal.Step{})
	_, errs["NextPart"] = d.NextPart(ctx)
	errs["SettlePart"] = d.SettlePart(ctx, journal.Claim{}, journal.PartOutcome{})
	_, errs["DeadLetters"] = d.DeadLetters(ctx, "", 0, 1)
	_, errs["Replay"] = d.Replay(ctx, 1)
	_, errs["Drop"] = d.Drop(ctx, 1)
	_, errs["Depth"] = d.Depth(ctx)
	_, errs["Sweep"] = d.Sweep(ctx, 1)
	_, errs["Waiting"] = d.Waiting(ctx)
	_, _, errs["Hold"] = d.Lease(ctx, "web")
	d.allAsks(errs)
	d.allEvents(errs)
	return errs
}

func (d *desk) allAsks(errs map[string]error) {
	ctx := d.Context()
	_, _, errs["Begin"] = d.Begin(ctx, journal.Lock{}, entries(message("ann", "1"))[0], nil)
	errs["SettleAsk"] = d.SettleAsk(ctx, journal.Asked{}, journal.Step{})
	_, errs["Recall"] = d.Recall(ctx, keyOf("ann", "1"))
	errs["Wake"] = d.Wake(ctx, ann)
	errs["Gone"] = d.Gone(ctx, ann)
	_, errs["Push"] = d.Push(ctx, pushOf("1", "a"))
	_, _, errs["Address"] = d.Address(ctx, ann)
}

func (d *desk) allEvents(errs map[string]error) {
	ctx := d.Context()
	errs["Note"] = d.AppendEvents(ctx, came("ann", "1"))
	_, errs["History"] = d.History(ctx, ann, 1)
	_, errs["Events"] = d.Events(ctx, journal.EventFilter{}, 0, 1)
	_, errs["Newest"] = d.Newest(ctx)
	_, errs["Forget"] = d.Forget(ctx, ann)
}
