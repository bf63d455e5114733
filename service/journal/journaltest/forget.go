package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing/synctest"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// forget forgets ann's conversation, of which something must be kept.
func (d *desk) forget() {
	d.Helper()
	n, err := d.Forget(d.Context(), ann)
	if err != nil || n == 0 {
		d.Fatalf("Forget deletes %d, error %v", n, err)
	}
	d.forgotten()
}

// forgotten checks that there is nothing of ann's conversation.
func (d *desk) forgotten() {
	d.Helper()
	d.same("history", len(d.history(9)), 0)
	d.same("events", len(d.page(journal.EventFilter{Channel: "web", Sender: "ann"}, 0, 9).Events), 0)
	d.address(ann, "unknown")
	list, err := d.DeadLetters(d.Context(), "web", 0, 99)
	d.is("DeadLetters", err, nil)
	for _, l := range list {
		if conversationOf(l) == ann {
			d.Errorf("there is dead letter %+v", l)
		}
	}
	n, err := d.Forget(d.Context(), ann)
	d.is("Forget", err, nil)
	d.same("forgotten again", n, 0)
}

func conversationOf(l journal.DeadLetter) channels.Conversation {
	if l.Message != nil {
		return l.Message.Conversation()
	}
	return l.Part.Conversation()
}

var forgetTests = map[string]func(*desk){
	"forget: takes events, address, and dead letters": func(d *desk) {
		d.OpenOutbox("web")
		d.enqueue(from("C1", "1"))
		d.end(d.next("1").Claim, journal.OutcomeFailed)
		d.push("p", "a")
		d.settlePart(d.nextPart("a").Claim, journal.PartOutcome{Dead: true})
		list := d.dead("1", "a")
		d.forget()
		d.dead()
		n, err := d.Replay(d.Context(), list[0].ID, list[1].ID)
		d.is("Replay", err, nil)
		d.same("replayed", n, 0)
		d.noNext()
		d.noPart()
		d.depth(journal.Depth{})
	},
	"forget: leaves other conversations as they are": func(d *desk) {
		d.OpenOutbox("web", "phone")
		elsewhere := from("C2", "1")
		elsewhere.Channel = "phone"
		other := from("C3", "1")
		other.Sender = "bob"
		d.enqueue(from("C1", "1"), elsewhere, other)
		for _, turn := range d.turnsOf(3) {
			d.failsWithPart(turn)
		}
		d.forget()
		d.depth(journal.Depth{Outbox: 2, DeadLetters: 2})
		d.same("events", len(d.kept()), 2)
		d.address(elsewhere.Conversation(), "C2")
		d.address(other.Conversation(), "C3")
		d.deliveries("of bob on web", "of ann on phone")
	},
	"forget: keys stay known": func(d *desk) {
		d.asked("2", journal.OutcomeInterrupted)
		d.push("3", "a")
		d.put("ann", "1")
		d.forget()
		d.same("fresh", d.enqueue(message("ann", "1"), message("ann", "2"), message("ann", "3")), []bool{false, false, false})
		d.same("digests", [][]byte{d.recall("1").Digest, d.recall("2").Digest, d.recall("3").Digest},
			[][]byte{nil, []byte("digest of 2"), []byte("digest of 3")})
		d.noNext()
	},
	"forget: replies are not recalled any more": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a", "b")
		d.asked("2", journal.OutcomeInterrupted)
		d.forget()
		want := journal.Known{Digest: []byte("digest of 1"), State: journal.StateDone, Forgotten: true}
		d.same("known", d.recall("1"), want)
		d.same("known", d.recall("2"), journal.Known{Digest: []byte("digest of 2"), State: journal.StateInterrupted})
		seat := d.seat()
		defer seat.Release()
		d.same("known", d.repeat(seat, "digest of 1"), want)
	},
	"forget: other conversations' replies are recalled still": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a")
		want := d.recall("1")
		for _, c := range []channels.Conversation{{Channel: "web", Sender: "bob"}, {Channel: "phone", Sender: "ann"}} {
			_, err := d.Forget(d.Context(), c)
			d.is("Forget", err, nil)
		}
		d.same("known", d.recall("1"), want)
	},
	"forget: the turn of an asked message goes on": func(d *desk) {
		seat := d.seat()
		a := d.ask(seat, message("ann", "1"), "digest")
		d.settleAsk(a, showing("1", channels.Reply{Text: "a"}))
		d.forget()
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("digest"), State: journal.StateRunning, Forgotten: true})
		step := showing("1", channels.Reply{Text: "b"})
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		d.settleAsk(a, step)
		seat.Release()
		d.told(step.Events...)
		d.same("known", d.recall("1"), journal.Known{
			Digest: []byte("digest"), State: journal.StateDone, Replies: texts("b"), Forgotten: true,
		})
	},
	"forget: cursors are not used again, and none counts as swept": func(d *desk) {
		d.note(came("ann", "1"), came("bob", "2"), came("ann", "3"))
		newest := d.newest()
		d.forget()
		d.same("newest", d.newest(), newest)
		d.same("events", ids(d.page(journal.EventFilter{}, 0, 9).Events), []string{"2"})
		d.note(came("ann", "4"))
		d.same("events", ids(d.page(journal.EventFilter{}, newest, 9).Events), []string{"4"})
	},
	"forget: nothing is left by a turn that begins at the same time": func(d *desk) {
		for i := range 100 {
			id := fmt.Sprint(i)
			var beside sync.WaitGroup
			beside.Go(func() { d.step(id) })
			synctest.Wait()
			d.put("ann", id)
			_, err := d.Forget(d.Context(), ann)
			d.is("Forget", err, nil)
			beside.Wait()
			d.forgotten()
		}
		d.depth(journal.Depth{})
	},
}

// step commits one step of a turn, unless the message is forgotten meanwhile.
func (d *desk) step(id string) {
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	turn, err := d.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return
	}
	d.check("Next", err)
	step := journal.Step{
		Parts: []channels.Part{part("ann", id)}, Events: []channels.Event{replied("ann", id, channels.Reply{Text: id})},
	}
	if err := d.Settle(d.Context(), turn.Claim, step); !errors.Is(err, journal.ErrFenced) {
		d.check("Settle", err)
	}
}

// turnsOf returns the next turns by conversation, which may come in any order.
func (d *desk) turnsOf(n int) map[channels.Conversation]journal.Turn {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	got := map[channels.Conversation]journal.Turn{}
	for len(got) < n {
		turn, err := d.Next(ctx)
		if err != nil {
			d.Fatalf("Next: %v, want %d turns", err, n)
		}
		got[turn.Message.Conversation()] = turn
	}
	return got
}

// failsWithPart ends a turn as failed, with a part in its conversation.
func (d *desk) failsWithPart(turn journal.Turn) {
	d.Helper()
	m := turn.Message
	p := part(m.Sender, "of "+m.Sender+" on "+m.Channel)
	p.Channel = m.Channel
	d.settle(turn.Claim, journal.Step{Parts: []channels.Part{p}, End: &journal.End{Outcome: journal.OutcomeFailed}})
}
