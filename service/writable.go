package service

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// doubtTime is how long a journal that failed to write counts as one that can't. Then
// messages are let come again, to see whether it still does.
const doubtTime = 10 * time.Second

// writable is a journal that notices whether it can be written.
type writable struct {
	journal.Journal
	errors prometheus.Counter
	// failed is when the last write failed, in nanoseconds since 1970; 0 when one has
	// succeeded since.
	failed atomic.Int64
}

// isWritable reports whether messages can be stored, as far as is known.
func (w *writable) isWritable() bool {
	failed := w.failed.Load()
	return failed == 0 || time.Since(time.Unix(0, failed)) > doubtTime
}

// note notices how a write went.
func (w *writable) note(ctx context.Context, err error) {
	switch {
	case err == nil:
		if w.failed.Load() != 0 { // a load is cheaper than a store that all share
			w.failed.Store(0)
		}
	case ctx.Err() != nil, errors.Is(err, journal.ErrFenced), errors.Is(err, journal.ErrClosed), errors.Is(err, journal.ErrQueueFull):
	default:
		w.errors.Inc()
		w.failed.Store(time.Now().UnixNano())
	}
}

// Enqueue is journal.Journal's, as are the further methods.
func (w *writable) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	fresh, err := w.Journal.Enqueue(ctx, es...)
	w.note(ctx, err)
	return fresh, err
}

// Acquire may have to be stored, where replicas share the line.
func (w *writable) Acquire(ctx context.Context, c channels.Conversation, most int) (journal.Lock, error) {
	seat, err := w.Journal.Acquire(ctx, c, most)
	if err != nil { // that it went well tells nothing where it is not stored
		w.note(ctx, err)
	}
	return seat, err
}

// Settle commits a step.
func (w *writable) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	err := w.Journal.Settle(ctx, c, s)
	w.note(ctx, err)
	return err
}

// Begin commits the begin of an asked message's turn.
func (w *writable) Begin(ctx context.Context, seat journal.Lock, e journal.Entry, digest []byte) (journal.Asked, *journal.Known, error) {
	asked, known, err := w.Journal.Begin(ctx, seat, e, digest)
	w.note(ctx, err)
	return asked, known, err
}

// SettleAsk commits a step of an asked message's turn.
func (w *writable) SettleAsk(ctx context.Context, a journal.Asked, s journal.Step) error {
	err := w.Journal.SettleAsk(ctx, a, s)
	w.note(ctx, err)
	return err
}

// SettlePart commits the outcome of an attempt.
func (w *writable) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	err := w.Journal.SettlePart(ctx, c, o)
	w.note(ctx, err)
	return err
}

// Push commits parts that are no turn's.
func (w *writable) Push(ctx context.Context, p journal.Push) (*journal.Known, error) {
	known, err := w.Journal.Push(ctx, p)
	w.note(ctx, err)
	return known, err
}

// AppendEvents commits events.
func (w *writable) AppendEvents(ctx context.Context, es ...channels.Event) error {
	err := w.Journal.AppendEvents(ctx, es...)
	w.note(ctx, err)
	return err
}
