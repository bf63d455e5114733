package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var recallTests = map[string]func(*desk){
	"recall: nothing is known of what never came": func(d *desk) {
		d.asked("1", journal.OutcomeDone)
		d.unknown("2")
		known, err := d.Recall(d.Context(), keyOf("bob", "1"))
		if known != nil || err != nil {
			d.Errorf("Recall returns %+v, error %v", known, err)
		}
	},
	"recall: replies come back as they were, each with its parts": func(d *desk) {
		want := [][]channels.Reply{
			{{RecipientID: "ann", Text: "a"}, fullPart().Reply},
			{fullPart().Reply},
			{{Text: ""}, {Image: "https://x/1.png"}, {Text: "z", Rendered: true}},
		}
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest\x00\xff")
		step := showing("1", want[0]...)
		step.Events = append(step.Events, replied("ann", "1", want[1]...))
		d.settleAsk(a, step)
		d.same("known", d.recall("1"), journal.Known{
			Digest: []byte("digest\x00\xff"), State: journal.StateRunning, Replies: want[:2],
		})
		step = showing("1", want[2]...)
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		d.settleAsk(a, step)
		d.same("known", d.recall("1"), journal.Known{
			Digest: []byte("digest\x00\xff"), State: journal.StateDone, Replies: want,
		})
	},
	"recall: other events are no replies, and other messages' replies are theirs": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a")
		d.asked("2", journal.OutcomeDone, "b")
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "3"), "digest")
		d.settleAsk(a, journal.Step{
			Shown: true, Events: []channels.Event{happened(channels.EventInterrupted, "ann", "3")},
			End: &journal.End{Outcome: journal.OutcomeInterrupted},
		})
		d.note(replied("ann", "of another", channels.Reply{Text: "c"}))
		d.same("replies", d.recall("1").Replies, texts("a"))
		d.same("replies", d.recall("2").Replies, texts("b"))
		d.same("known", d.recall("3"), journal.Known{Digest: []byte("digest"), State: journal.StateInterrupted})
	},
	"recall: a stored message is known, and has no digest": func(d *desk) {
		d.put("ann", "1")
		d.same("digest", d.recall("1").Digest, []byte(nil))
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.same("digest", d.recall("1").Digest, []byte(nil))
	},
	"recall: a key is forgotten when its window has passed": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a")
		d.asked("2", journal.OutcomeFailed)
		d.put("ann", "3")
		time.Sleep(window - time.Second)
		d.same("replies", d.recall("1").Replies, texts("a"))
		d.recall("2")
		d.recall("3")
		time.Sleep(time.Second)
		for _, id := range []string{"1", "2", "3"} {
			d.unknown(id)
		}
	},
	"recall: sweep deletes what is known once the window has passed, and not before": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a")
		time.Sleep(window - time.Second)
		d.asked("2", journal.OutcomeDone, "b")
		d.sweep()
		d.same("replies", d.recall("1").Replies, texts("a"))
		time.Sleep(time.Second)
		d.sweep()
		d.unknown("1")
		d.same("replies", d.recall("2").Replies, texts("b"))
	},
}

// sweep sweeps until nothing is left.
func (d *desk) sweep() {
	d.Helper()
	const limit = 2
	for n := limit; n >= limit; {
		var err error
		if n, err = d.Sweep(d.Context(), limit); err != nil {
			d.Fatalf("Sweep: %v", err)
		}
	}
}
