package journaltest

import (
	"context"
	"fmt"
	"sync"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// closes reports whether a channel is closed within a second, in which the store may
// have to look for the change.
func closes(changed <-chan struct{}) bool {
	select {
	case <-changed:
		return true
	case <-time.After(time.Second):
		return false
	}
}

var followTests = map[string]func(*desk){
	"changed: is not closed while nothing happens": func(d *desk) {
		changed := d.Changed()
		synctest.Wait()
		select {
		case <-changed:
			d.Error("it is closed")
		default:
		}
	},
	"changed: is closed once there are newer events, for all that wait": func(d *desk) {
		for i, commit := range d.commits() {
			one, two, newest := d.Changed(), d.Changed(), d.newest()
			commit()
			if !closes(one) || !closes(two) {
				d.Fatalf("it is not closed after commit %d", i)
			}
			if d.newest() <= newest {
				d.Fatalf("commit %d adds no event", i)
			}
		}
	},
	"changed: who waits for one event at a time misses none": func(d *desk) {
		for i := range 200 {
			newest := d.newest()
			go func() { d.check("Note", d.AppendEvents(d.Context(), came("ann", fmt.Sprint(i)))) }()
			d.same("events", d.follow(newest, 1), 1)
		}
	},
	"follow: each event of many that write is read once, in order": func(d *desk) {
		ctx, cancel := context.WithTimeout(d.Context(), time.Hour)
		defer cancel()
		report, err := Follow(ctx, d.Journal, 20, 50)
		d.is("Follow", err, nil)
		d.same("report", report, FollowReport{})
	},
	"follow: each event of turns that run at once is read": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		const conversations = 20
		var agents sync.WaitGroup
		for range conversations {
			agents.Go(func() { d.replies(ctx) })
		}
		for i := range conversations {
			d.put(fmt.Sprint("sender", i), "1", "2", "3")
		}
		d.same("events", d.follow(0, conversations*3*3), conversations*3*3)
		cancel()
		agents.Wait()
		d.depth(journal.Depth{})
	},
}

// commits are all ways to add an event.
func (d *desk) commits() []func() {
	var turn, delivery journal.Claim
	var a journal.Asked
	event := []channels.Event{happened(channels.EventSent, "ann", "1")}
	d.OpenOutbox("web")
	seat := d.seatOf(channels.Conversation{Channel: "web", Sender: "bob"})
	failed, done := &journal.End{Outcome: journal.OutcomeFailed}, &journal.End{Outcome: journal.OutcomeDone}
	return []func(){
		func() { d.note(event...) },
		func() { d.put("ann", "1"); turn = d.next("1").Claim },
		func() { d.settle(turn, journal.Step{Events: event}) },
		func() { d.settle(turn, journal.Step{Events: event, End: failed}) },
		func() { a = d.ask(seat, message("bob", "2"), "digest") },
		func() { d.settleAsk(a, journal.Step{Events: event}) },
		func() { d.settleAsk(a, journal.Step{Events: event, End: done}); seat.Release() },
		func() { p := pushOf("3", "a"); p.Events = event; d.pushed(p); delivery = d.nextPart("a").Claim },
		func() { d.settlePart(delivery, journal.PartOutcome{Sent: true, Events: event}) },
	}
}

// follow reads events above a cursor until it has n, and returns how many it has.
func (d *desk) follow(after int64, n int) (read int) {
	d.Helper()
	for read < n {
		changed := d.Changed()
		page := d.page(journal.EventFilter{}, after, n)
		read, after = read+len(page.Events), page.Next
		if len(page.Events) == 0 && !closes(changed) {
			return read
		}
	}
	return read
}

// replies runs turns of two steps, each with an event, until ctx ends.
func (d *desk) replies(ctx context.Context) {
	for {
		turn, err := d.Next(ctx)
		if err != nil {
			return
		}
		e := replied(turn.Message.Sender, turn.Message.ID, channels.Reply{Text: "a"})
		d.check("Settle", d.Settle(d.Context(), turn.Claim, journal.Step{Events: []channels.Event{e}}))
		e.Kind, e.Replies = channels.EventSent, nil
		d.check("Settle", d.Settle(d.Context(), turn.Claim, journal.Step{
			Events: []channels.Event{e}, End: &journal.End{Outcome: journal.OutcomeDone},
		}))
	}
}
