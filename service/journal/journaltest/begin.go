package journaltest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var beginTests = map[string]func(*desk){
	"begin: a new key begins, with an event, and is not stored to be answered": func(d *desk) {
		m := fullMessage()
		seat := d.seatOf(m.Conversation())
		a := d.ask(seat, m, "digest")
		d.told(journal.MessageEvent(&m))
		known, err := d.Recall(d.Context(), a.Key)
		d.is("Recall", err, nil)
		d.same("known", tidy(*known), journal.Known{Digest: []byte("digest"), State: journal.StateRunning})
		d.endAsk(a, journal.OutcomeDone)
		seat.Release()
		d.noNext()
		d.depth(journal.Depth{})
	},
	"begin: the key is channel, sender and id": func(d *desk) {
		elsewhere := message("ann", "1")
		elsewhere.Channel = "phone"
		for _, m := range []channels.Message{message("ann", "1"), message("bob", "1"), elsewhere, message("ann", "2")} {
			seat := d.seatOf(m.Conversation())
			d.endAsk(d.ask(seat, m, "digest"), journal.OutcomeDone)
			seat.Release()
		}
	},
	"begin: of a running turn changes nothing and tells what it showed": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest")
		d.settleAsk(a, showing("1", channels.Reply{Text: "a"}))
		want := journal.Known{Digest: []byte("digest"), State: journal.StateRunning, Replies: texts("a")}
		d.unchanged(func() {
			d.same("known", d.repeat(seat, "digest"), want)
			d.same("known", d.repeat(seat, "other"), want)
		})
		d.endAsk(a, journal.OutcomeDone)
	},
	"begin: of a turn that is done changes nothing and tells its replies": func(d *desk) {
		d.asked("1", journal.OutcomeDone, "a", "b")
		d.returnsKnown("digest of 1", journal.StateDone, "a", "b")
		d.returnsKnown("other", journal.StateDone, "a", "b")
	},
	"begin: of a turn that was interrupted changes nothing and tells its replies": func(d *desk) {
		d.asked("1", journal.OutcomeInterrupted, "a")
		d.returnsKnown("digest of 1", journal.StateInterrupted, "a")
		d.returnsKnown("other", journal.StateInterrupted, "a")
	},
	"begin: of a turn that failed begins anew": func(d *desk) {
		old := d.asked("1", journal.OutcomeFailed)
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest of 1")
		if a.Token <= old.Token {
			d.Errorf("token %d follows %d", a.Token, old.Token)
		}
		d.told(came("ann", "1"), came("ann", "1"))
		d.same("state", d.recall("1").State, journal.StateRunning)
		d.settleAsk(a, showing("1", channels.Reply{Text: "a"}))
		d.endAsk(a, journal.OutcomeDone)
		d.same("known", d.recall("1"), journal.Known{
			Digest: []byte("digest of 1"), State: journal.StateDone, Replies: texts("a"),
		})
	},
	"begin: of a turn that failed, with another digest, changes nothing": func(d *desk) {
		d.asked("1", journal.OutcomeFailed)
		d.returnsKnown("other", journal.StateFailed)
	},
	"begin: of a stored message's key changes nothing": func(d *desk) {
		seat := d.seat()
		d.put("ann", "1")
		d.unchanged(func() {
			known := d.repeat(seat, "digest")
			d.same("digest", known.Digest, []byte(nil))
			d.same("state", known.State, journal.State(""))
		})
		seat.Release()
		d.end(d.next("1").Claim, journal.OutcomeDone)
		seat = d.seat()
		defer seat.Release()
		d.same("digest", d.repeat(seat, "digest").Digest, []byte(nil))
	},
	"begin: its key is known to Enqueue": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "digest")
		d.same("fresh", d.enqueue(message("ann", "1"), message("bob", "1")), []bool{false, true})
		d.endAsk(a, journal.OutcomeDone)
		d.same("fresh", d.enqueue(message("ann", "1")), []bool{false})
	},
	"begin: of calls at the same time, with Enqueue and Push, one has the key": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		for i := range 50 {
			d.same("calls that have it", d.claimKey(seat, fmt.Sprint(i)), 1)
		}
	},
	"begin: a key is forgotten when its window has passed": func(d *desk) {
		old := d.asked("1", journal.OutcomeDone, "a")
		time.Sleep(window - time.Second)
		d.returnsKnown("digest of 1", journal.StateDone, "a")
		time.Sleep(time.Second)
		seat := d.seat()
		defer seat.Release()
		a := d.ask(seat, message("ann", "1"), "other")
		if a.Token <= old.Token {
			d.Errorf("token %d follows %d", a.Token, old.Token)
		}
		d.same("known", d.recall("1"), journal.Known{Digest: []byte("other"), State: journal.StateRunning})
	},
	"begin: an ended context changes nothing": func(d *desk) {
		seat := d.seat()
		defer seat.Release()
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		_, _, err := d.Begin(ctx, seat, entries(message("ann", "1"))[0], nil)
		d.is("Begin", err, context.Canceled)
		d.unknown("1")
		d.told()
	},
}

// returnsKnown checks that message 1 of ann's, whose digest is "digest of 1", is
// returned when it is asked again.
func (d *desk) returnsKnown(digest string, state journal.State, replies ...string) {
	d.Helper()
	seat := d.seat()
	defer seat.Release()
	want := tidy(journal.Known{Digest: []byte("digest of 1"), State: state, Replies: texts(replies...)})
	d.unchanged(func() { d.same("known", d.repeat(seat, digest), want) })
}

// unchanged checks that f adds no event and changes nothing of what is known of
// message 1 of ann's.
func (d *desk) unchanged(f func()) {
	d.Helper()
	events, known := d.kept(), d.recall("1")
	f()
	d.same("events", d.kept(), events)
	d.same("known", d.recall("1"), known)
}

// claimKey begins, stores and pushes with one key at the same time, and returns how
// many of these find it new.
func (d *desk) claimKey(seat journal.Lock, id string) int {
	var calls sync.WaitGroup
	var fresh atomic.Int32
	found := func(call string, isFresh bool, err error) {
		d.check(call, err)
		if isFresh {
			fresh.Add(1)
		}
	}
	calls.Go(func() {
		a, known, err := d.Begin(d.Context(), seat, entries(message("ann", id))[0], nil)
		found("Begin", known == nil, err)
		if known == nil {
			d.check("SettleAsk", d.SettleAsk(d.Context(), a, journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}))
		}
	})
	calls.Go(func() {
		news, err := d.Enqueue(d.Context(), entries(message("ann", id))...)
		found("Enqueue", err == nil && news[0], err)
	})
	calls.Go(func() {
		known, err := d.Push(d.Context(), pushOf(id, id))
		found("Push", known == nil, err)
	})
	calls.Wait()
	return int(fresh.Load())
}
