//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

const (
	// conversations is how many each worker writes in.
	conversations = 8
	// concurrency is how many turns, and as many parts, a worker has at once.
	concurrency = 8
	// senders is how many parts a worker that only sends has at once.
	senders = 40
)

// worker stores messages, runs turns that each answer with one part, and sends the
// parts, on one replica. When the journal fails it tries again, as the service does.
type worker struct {
	who   int
	store *postgres.Store
	emit  func(record)
}

func (w *worker) record(what, sender, id string) {
	w.emit(record{time.Now().UnixNano(), w.who, what, sender, idOf(id)})
}

// work posts until posting ends, and goes on with what there is until ctx ends.
func (w *worker) work(ctx, posting context.Context) {
	w.store.OpenOutbox(journaltest.Slots("web"))
	var running sync.WaitGroup
	for c := range conversations {
		running.Go(func() { w.post(posting, fmt.Sprintf("w%d-%d", w.who, c)) })
	}
	for range concurrency {
		running.Go(func() { w.turns(ctx) })
		running.Go(func() { w.parts(ctx) })
	}
	running.Wait()
}

// retry repeats a call until it succeeds or can't any more, and reports whether it
// did.
func retry(ctx context.Context, call func() error) bool {
	for {
		err := call()
		switch {
		case err == nil:
			return true
		case errors.Is(err, journal.ErrFenced) || errors.Is(err, journal.ErrClosed) || ctx.Err() != nil:
			return false
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (w *worker) post(ctx context.Context, sender string) {
	for n := time.Now().UnixNano(); ctx.Err() == nil; n++ {
		id := strconv.FormatInt(n, 10)
		stored := retry(context.WithoutCancel(ctx), func() error {
			_, err := w.store.Enqueue(context.WithoutCancel(ctx), entryOf(sender, id))
			return err
		})
		if stored {
			w.record("stored", sender, id)
		}
		select {
		case <-time.After(rand.N(4 * time.Millisecond)):
		case <-ctx.Done():
		}
	}
}

func (w *worker) turns(ctx context.Context) {
	var turn journal.Turn
	for retry(ctx, func() (err error) { turn, err = w.store.Next(ctx); return err }) {
		m := turn.Message
		w.record("begin", m.Sender, m.ID)
		time.Sleep(rand.N(3 * time.Millisecond)) // the agent thinks
		w.record("ready", m.Sender, m.ID)
		step := journal.Step{End: done(), Parts: []channels.Part{{
			ID: m.ID, Channel: m.Channel, Sender: m.Sender, Reply: channels.Reply{Text: m.Text},
		}}}
		free := context.WithoutCancel(ctx)
		if retry(free, func() error { return w.store.Settle(free, turn.Claim, step) }) {
			w.record("done", m.Sender, m.ID)
		}
	}
}

func (w *worker) parts(ctx context.Context) {
	var d journal.Delivery
	for retry(ctx, func() (err error) { d, err = w.store.NextPart(ctx); return err }) {
		w.sendPart(ctx, d)
	}
}

// sendPart sends a part, unless the claim is not certain any more: then it is put back. What
// is on its way when the process is frozen counts from before.
func (w *worker) sendPart(ctx context.Context, d journal.Delivery) {
	free := context.WithoutCancel(ctx)
	settle := func(o journal.PartOutcome) bool {
		return retry(free, func() error { return w.store.SettlePart(free, d.Claim, o) })
	}
	at := time.Now().UnixNano()
	if !d.IsCertain() {
		w.record("back", d.Part.Sender, d.Part.ID)
		settle(journal.PartOutcome{})
		return
	}
	w.emit(record{at, w.who, "send", d.Part.Sender, idOf(d.Part.ID)})
	if settle(journal.PartOutcome{Sent: true}) {
		w.record("sent", d.Part.Sender, d.Part.ID)
	}
}

// send sends parts until ctx ends, with many senders, each of which takes a moment until it
// gets to its part, as one that waits for a rate.
func (w *worker) send(ctx context.Context) {
	w.store.OpenOutbox(map[string]int{"web": senders})
	var running sync.WaitGroup
	for range senders {
		running.Go(func() {
			var d journal.Delivery
			for retry(ctx, func() (err error) { d, err = w.store.NextPart(ctx); return err }) {
				time.Sleep(rand.N(100 * time.Millisecond)) // it waits for the rate
				w.sendPart(ctx, d)
			}
		})
	}
	running.Wait()
}

// waitEmpty waits until nothing is left to do.
func (w *worker) waitEmpty(ctx context.Context) bool {
	for ctx.Err() == nil {
		d, err := w.store.Depth(ctx)
		if err == nil && d.Inbox == 0 && d.Outbox == 0 {
			return true
		}
		select {
		case <-time.After(50 * time.Millisecond): // another process may have the last
		case <-ctx.Done():
		}
	}
	return false
}
