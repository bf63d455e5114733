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

// closesSoon reports whether a channel is closed within a second. A store may need that
// long to find out about a change.
func closesSoon(changed <-chan struct{}) bool {
	select {
	case <-changed:
		return true
	case <-time.After(time.Second):
		return false
	}
}

var followTests = map[string]func(*harness){
	// The channel of Changed stays open while no event is appended.
	"changed: is not closed while nothing happens": func(h *harness) {
		changed := h.Changed()
		synctest.Wait()
		select {
		case <-changed:
			h.Error("it is closed")
		default:
		}
	},
	// The channels of Changed are closed after each way of appending an event, all of them,
	// and the event can be read then.
	"changed: is closed once there are newer events, for all that wait": func(h *harness) {
		for i, commit := range eventWriters(h) {
			one, two, newest := h.Changed(), h.Changed(), h.events.newest()
			commit()
			if !closesSoon(one) || !closesSoon(two) {
				h.Fatalf("it is not closed after commit %d", i)
			}
			if h.events.newest() <= newest {
				h.Fatalf("commit %d adds no event", i)
			}
		}
	},
	// A reader that calls Changed before it looks for events misses none, however close
	// together they come.
	"changed: a reader that waits for one event at a time misses none": func(h *harness) {
		for i := range 200 {
			newest := h.events.newest()
			go func() { h.check("AppendEvents", h.AppendEvents(h.Context(), messageEvent("ann", fmt.Sprint(i)))) }()
			h.equal("events", readEvents(h, newest, 1), 1)
		}
	},
	// A subscriber reads each event of many concurrent writers exactly once, with rising
	// cursors and in the order of each writer.
	"follow: each event of many writers is read once, in order": func(h *harness) {
		ctx, cancel := context.WithTimeout(h.Context(), time.Hour)
		defer cancel()
		report, err := Follow(ctx, h.Journal, 20, 50)
		h.wantErr("Follow", err, nil)
		h.equal("report", report, FollowReport{})
	},
	// A subscriber reads each event of turns that run at the same time.
	"follow: each event of turns that run at once is read": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		const conversations = 20
		var agents sync.WaitGroup
		for range conversations {
			agents.Go(func() { answerInTwoSteps(ctx, h) })
		}
		for i := range conversations {
			h.inbox.enqueueNew(fmt.Sprint("sender", i), "1", "2", "3")
		}
		h.equal("events", readEvents(h, 0, conversations*3*3), conversations*3*3)
		cancel()
		agents.Wait()
		h.wantDepth(journal.Depth{})
	},
}

// eventWriters returns one call for each way to add an event, to be called in this order.
func eventWriters(h *harness) []func() {
	var turn, delivery journal.Claim
	var a journal.Asked
	event := []channels.Event{newEvent(channels.EventSent, "ann", "1")}
	h.OpenOutbox(Slots("web"))
	lock := h.asks.acquireOf(channels.Conversation{Channel: "web", Sender: "bob"})
	failed, done := &journal.End{Outcome: journal.OutcomeFailed}, &journal.End{Outcome: journal.OutcomeDone}
	return []func(){
		func() { h.events.append(event...) },
		func() { h.inbox.enqueueNew("ann", "1"); turn = h.inbox.next("1").Claim },
		func() { h.inbox.settle(turn, journal.Step{Events: event}) },
		func() { h.inbox.settle(turn, journal.Step{Events: event, End: failed}) },
		func() { a = h.asks.begin(lock, message("bob", "2"), "digest") },
		func() { h.asks.settle(a, journal.Step{Events: event}) },
		func() { h.asks.settle(a, journal.Step{Events: event, End: done}); lock.Release() },
		func() {
			p := pushOf("3", "a")
			p.Events = event
			h.outbox.pushNew(p)
			delivery = h.outbox.next("a").Claim
		},
		func() { h.outbox.settle(delivery, journal.PartOutcome{Sent: true, Events: event}) },
	}
}

// readEvents reads events above a cursor as a subscriber does, until it has n or no more
// come, and returns how many it has.
func readEvents(h *harness, after int64, n int) (read int) {
	h.Helper()
	for read < n {
		changed := h.Changed()
		page := h.events.page(journal.EventFilter{}, after, n)
		read, after = read+len(page.Events), page.Next
		if len(page.Events) == 0 && !closesSoon(changed) {
			return read
		}
	}
	return read
}

// answerInTwoSteps runs turns of two steps, each with an event, until ctx ends.
func answerInTwoSteps(ctx context.Context, h *harness) {
	for {
		turn, err := h.Next(ctx)
		if err != nil {
			return
		}
		e := replyEvent(turn.Message.Sender, turn.Message.ID, channels.Reply{Text: "a"})
		h.check("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{Events: []channels.Event{e}}))
		e.Kind, e.Replies = channels.EventSent, nil
		h.check("Settle", h.Settle(h.Context(), turn.Claim, journal.Step{
			Events: []channels.Event{e}, End: &journal.End{Outcome: journal.OutcomeDone},
		}))
	}
}
