package journaltest

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var settleAskTests = map[string]func(*desk){
	"settle ask: events of the steps are appended in order, with that of the end": func(d *desk) {
		seat := d.seat()
		a := d.ask(seat, message("ann", "1"), "digest")
		first := showing("1", channels.Reply{Text: "a"})
		first.Events = append(first.Events, replied("ann", "1", channels.Reply{Text: "b"}))
		d.settleAsk(a, first)
		last := showing("1", channels.Reply{Text: "c"})
		interrupted := happened(channels.EventInterrupted, "ann", "1")
		interrupted.Reason = "because"
		last.Events = append(last.Events, interrupted)
		last.End = &journal.End{Outcome: journal.OutcomeInterrupted, Reason: "because"}
		d.settleAsk(a, last)
		seat.Release()
		d.told(append(append([]channels.Event{came("ann", "1")}, first.Events...), last.Events...)...)
	},
	"settle ask: no end makes a dead letter": func(d *desk) {
		d.asked("1", journal.OutcomeFailed)
		d.asked("2", journal.OutcomeInterrupted, "a")
		d.asked("3", journal.OutcomeDone)
		d.dead()
		d.depth(journal.Depth{})
		d.same("states", []journal.State{d.recall("1").State, d.recall("2").State, d.recall("3").State},
			[]journal.State{journal.StateFailed, journal.StateInterrupted, journal.StateDone})
	},
	"settle ask: a turn that ended is fenced, and nothing changes": func(d *desk) {
		for _, o := range []journal.Outcome{journal.OutcomeInterrupted, journal.OutcomeDone, journal.OutcomeFailed} {
			id := "of " + string(o)
			a := d.asked(id, o)
			known := d.recall(id)
			d.fencedAsk(a)
			d.same("known", d.recall(id), known)
		}
	},
	"settle ask: a turn that began anew fences the earlier one": func(d *desk) {
		old := d.asked("1", journal.OutcomeFailed)
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest of 1")
		d.fencedAsk(old)
		d.same("state", d.recall("1").State, journal.StateRunning)
		d.settleAsk(a, showing("1", channels.Reply{Text: "a"}))
		d.endAsk(a, journal.OutcomeDone)
		d.same("replies", d.recall("1").Replies, texts("a"))
	},
	"settle ask: what never began is fenced": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest")
		d.fencedAsk(journal.Asked{Key: a.Key, Token: a.Token + 1})
		d.fencedAsk(journal.Asked{Key: keyOf("ann", "2"), Token: a.Token})
		d.fencedAsk(journal.Asked{Key: keyOf("bob", "1"), Token: a.Token})
		d.endAsk(a, journal.OutcomeDone)
	},
	"settle ask: an outcome that is none of an asked message's is refused, and the turn goes on": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest")
		for _, o := range []journal.Outcome{"lost", journal.OutcomeRetry} {
			step := showing("1", channels.Reply{Text: "a"})
			step.End = &journal.End{Outcome: o}
			if err := d.SettleAsk(d.Context(), a, step); err == nil {
				d.Errorf("SettleAsk takes outcome %q", o)
			}
		}
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateRunning})
		d.told(came("ann", "1"))
		d.endAsk(a, journal.OutcomeDone)
	},
	"settle ask: an ended context changes nothing": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest")
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		d.is("SettleAsk", d.SettleAsk(ctx, a, showing("1", channels.Reply{Text: "a"})), context.Canceled)
		d.told(came("ann", "1"))
		d.endAsk(a, journal.OutcomeDone)
	},
}

// fencedAsk checks that the turn can't be settled in any way, and that no event is
// appended.
func (d *desk) fencedAsk(a journal.Asked) {
	d.Helper()
	newest := d.newest()
	for _, end := range []*journal.End{
		nil, {Outcome: journal.OutcomeDone}, {Outcome: journal.OutcomeFailed}, {Outcome: journal.OutcomeInterrupted},
	} {
		step := showing(a.Key.ID, channels.Reply{Text: "fenced"})
		step.End = end
		d.is("SettleAsk", d.SettleAsk(d.Context(), a, step), journal.ErrFenced)
	}
	d.same("newest", d.newest(), newest)
}
