package journaltest

import (
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// expiredEvent returns the event of a message or part of ann's that expires now.
func expiredEvent(message, part string) channels.Event {
	return journal.ExpiredEvent(ann, message, part, time.Now())
}

var staleTests = map[string]func(*harness){
	// Sweep makes messages that wait for longer than Env.StaleAfter dead letters of
	// KindExpired, unchanged, in their order, each with an EventExpired, and no others. Those
	// behind them are answered.
	"stale: messages that wait too long expire in their order, the others stay": func(h *harness) {
		h.reopenStale(time.Hour)
		h.OpenInbox()
		h.inbox.enqueueNew("ann", "1", "2")
		time.Sleep(time.Minute)
		h.inbox.enqueueNew("ann", "3")
		time.Sleep(time.Hour - time.Minute - time.Second)
		h.sweep()
		h.deadLetters.want()
		time.Sleep(2 * time.Second)
		h.sweep()
		list := h.deadLetters.wantExpired("1", "2")
		h.equal("sender", list[0].Message.Sender, "ann")
		h.events.want(expiredEvent("1", ""), expiredEvent("2", ""))
		h.wantDepth(journal.Depth{Inbox: 1, DeadLetters: 2})
		h.inbox.wantQueued(ann, 9, 1)
		h.OpenInbox("web")
		h.inbox.answerInOrder("3")
	},
	// The same holds for parts. Their event names the part.
	"stale: parts that wait too long expire in their order, the others stay": func(h *harness) {
		h.reopenStale(time.Hour)
		h.outbox.pushParts("1", "a", "b")
		time.Sleep(time.Minute)
		h.outbox.pushParts("2", "c")
		time.Sleep(time.Hour - time.Minute + time.Second)
		h.sweep()
		list := h.deadLetters.wantExpired("a", "b")
		h.equal("part", list[0].Part, new(part("ann", "a")))
		h.equal("message", list[0].Message, (*channels.Message)(nil))
		h.events.want(expiredEvent("", "a"), expiredEvent("", "b"))
		h.wantDepth(journal.Depth{Outbox: 1, DeadLetters: 2})
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("c")
	},
	// What waits expires whether its channel is open or not, is due or is to be tried again.
	"stale: open, closed and postponed rows expire": func(h *harness) {
		h.reopenStale(time.Hour)
		h.OpenOutbox(Slots("web", "phone"))
		h.outbox.storePartOn("phone", "bob", "p")
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("pushed", "a", "b")
		h.outbox.settle(h.outbox.next("a").Claim, journal.PartOutcome{Retry: time.Now().Add(3 * time.Hour), Counts: true})
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.retry(h.inbox.next("1").Claim, 3*time.Hour)
		h.inbox.enqueueNew("bob", "3")
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		got := map[string]bool{}
		list, err := h.DeadLetters(h.Context(), "", 0, 9)
		h.wantErr("DeadLetters", err, nil)
		for _, d := range list {
			h.equal("kind", d.Kind, journal.KindExpired)
			got[idOf(d)] = true
		}
		h.equal("expired", got, map[string]bool{"p": true, "a": true, "b": true, "1": true, "2": true, "3": true})
		h.inbox.wantNone()
		h.outbox.wantNone()
		h.wantDepth(journal.Depth{DeadLetters: 6})
	},
	// What is claimed is never swept, and its claim stays; what waits behind it is.
	"stale: what is claimed stays, and what waits behind it expires": func(h *harness) {
		h.reopenStale(time.Hour)
		h.OpenOutbox(Slots("web"))
		h.inbox.enqueueNew("ann", "1", "2")
		h.outbox.pushParts("p", "a", "b")
		turn, delivery := h.inbox.next("1"), h.outbox.next("a")
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		h.deadLetters.wantExpired("2", "b")
		h.inbox.retry(turn.Claim, time.Hour)
		h.outbox.settle(delivery.Claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		h.sweep()
		h.deadLetters.wantExpired("2", "b", "1", "a")
		h.wantDepth(journal.Depth{DeadLetters: 4})
	},
	// Without Env.StaleAfter journal.DefaultStaleAfter holds.
	"stale: the default is a day": func(h *harness) {
		h.OpenInbox()
		h.inbox.enqueueNew("ann", "1")
		time.Sleep(journal.DefaultStaleAfter - time.Second)
		h.sweep()
		h.deadLetters.want()
		time.Sleep(2 * time.Second)
		h.sweep()
		h.deadLetters.wantExpired("1")
	},
	// What expired and is replayed counts as stored at the replay, and is worked on again.
	"stale: what is replayed is young again": func(h *harness) {
		h.reopenStale(time.Hour)
		h.inbox.enqueueNew("ann", "1", "2")
		h.outbox.pushParts("p", "a")
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		h.deadLetters.replay(h.deadLetters.wantExpired("1", "2", "a")...)
		time.Sleep(time.Hour - time.Second)
		h.sweep()
		h.deadLetters.want()
		h.inbox.answerInOrder("1", "2")
		h.OpenOutbox(Slots("web"))
		h.outbox.sendInOrder("a")
	},
	// Sweep works on as many rows as it may at most, those of a conversation in their order,
	// and returns fewer once nothing is left.
	"stale: rows expire in batches, in order": func(h *harness) {
		h.reopenStale(time.Hour)
		var want []string
		for n := range 7 {
			want = append(want, fmt.Sprint(n))
		}
		h.inbox.enqueueNew("ann", want...)
		time.Sleep(time.Hour + time.Second)
		const limit = 3
		total := 0
		for n := limit; n >= limit; total += n {
			var err error
			n, err = h.Sweep(h.Context(), limit)
			h.wantErr("Sweep", err, nil)
			if n > limit {
				h.Fatalf("Sweep works on %d rows, want %d at most", n, limit)
			}
		}
		h.equal("swept", total, len(want))
		h.deadLetters.wantExpired(want...)
	},
	// A caller of Acquire behind a message that expires gets the lock, and the message behind
	// it waits for that caller.
	"stale: callers behind it begin, in their place": func(h *harness) {
		h.reopenStale(time.Hour)
		h.OpenInbox()
		h.inbox.enqueueNew("ann", "1")
		behind := h.asks.startAcquire(h.Context(), 9)
		time.Sleep(time.Minute)
		h.inbox.enqueueNew("ann", "2")
		h.OpenInbox("web")
		postponeTurn(h.inbox, "1")
		behind.wantBlocked()
		time.Sleep(time.Hour - time.Second)
		h.sweep()
		h.deadLetters.wantExpired("1")
		release := behind.wantLock()
		h.inbox.wantNone()
		release()
		h.inbox.answerInOrder("2")
	},
	// Dead letters of what expired are deleted by Drop and by Forget as others are.
	"stale: it can be dropped and forgotten": func(h *harness) {
		h.reopenStale(time.Hour)
		h.inbox.enqueueNew("ann", "1")
		h.outbox.pushParts("p", "a")
		time.Sleep(time.Hour + time.Second)
		h.sweep()
		list := h.deadLetters.wantExpired("1", "a")
		n, err := h.Drop(h.Context(), list[1].ID)
		h.wantErr("Drop", err, nil)
		h.equal("dropped", n, 1)
		h.forget()
		h.deadLetters.want()
		h.events.want()
	},
}

// staleBreakTests check a store that can't write.
func staleBreakTests(breakStore Break) map[string]func(*harness) {
	return map[string]func(*harness){
		// When rows can't be made dead letters they wait as before, and are swept, or worked
		// on, once the store can write again.
		"stale: what could not be swept waits as before": func(h *harness) {
			h.reopenStale(time.Hour)
			h.inbox.enqueueNew("ann", "1", "2")
			h.inbox.enqueueNew("bob", "b")
			h.outbox.pushParts("p", "a")
			time.Sleep(time.Hour + time.Second)
			h.broken = true
			restore := breakStore(h.T, h.Journal)
			if _, err := h.Sweep(h.Context(), 9); err == nil {
				h.Fatal("Sweep succeeds although the store can't write")
			}
			restore()
			h.wantDepth(journal.Depth{Inbox: 3, Outbox: 1})
			turns := h.inbox.nextOf("1", "b")
			h.inbox.end(turns["b"].Claim, journal.OutcomeDone)
			h.inbox.end(turns["1"].Claim, journal.OutcomeDone)
			h.sweep()
			h.deadLetters.wantExpired("2", "a")
			h.wantDepth(journal.Depth{DeadLetters: 2})
		},
	}
}

// postponeTurn claims the next message, which must have the id, and puts it off for two
// hours.
func postponeTurn(inbox inboxClient, id string) {
	inbox.Helper()
	inbox.retry(inbox.next(id).Claim, 2*time.Hour)
}

// idOf returns the id of a dead letter's message or part.
func idOf(d journal.DeadLetter) string {
	if d.Message != nil {
		return d.Message.ID
	}
	return d.Part.ID
}
