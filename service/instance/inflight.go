package instance

import (
	"sync"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
)

// ErrDraining is what callers are told once the program is ending.
var ErrDraining = &channels.Error{
	Code: channels.CodeUnavailable, Reason: channels.ReasonDraining, Message: "the service is shutting down", RetryAfter: RetryAfter,
}

// ErrTooManyAsks is what callers are told when as many as may wait already do.
var ErrTooManyAsks = &channels.Error{
	Code: channels.CodeOverloaded, RetryAfter: RetryAfter, Message: "too many messages are being answered",
}

// InFlight counts the callers who wait for replies, and knows whether the program is
// draining: taking nothing new in while it finishes what is in flight.
type InFlight struct {
	limit atomic.Int64
	asks  atomic.Int64
	// kept counts the places of callers that have left, and whose turn has not ended.
	kept atomic.Int64

	draining atomic.Bool
	drained  chan struct{} // closed by Drain
	idle     chan struct{} // closed once nothing is in flight while draining
	once     struct{ drain, idle sync.Once }
}

// NewInFlight lets up to limit callers wait at once.
func NewInFlight(limit int) *InFlight {
	f := &InFlight{drained: make(chan struct{}), idle: make(chan struct{})}
	f.SetLimit(limit)
	return f
}

// SetLimit changes how many callers may wait. Those who do stay.
func (f *InFlight) SetLimit(limit int) { f.limit.Store(int64(limit)) }

// Enter counts a caller in, or fails with ErrTooManyAsks. Leave must follow only when
// it returns nil.
func (f *InFlight) Enter() error {
	if f.asks.Add(1)+f.kept.Load() > f.limit.Load() {
		f.Leave()
		return ErrTooManyAsks
	}
	return nil
}

// Leave counts a caller out.
func (f *InFlight) Leave() {
	f.asks.Add(-1)
	f.checkIdle()
}

// Keep keeps one place taken until release is called, whoever leaves. It counts as no
// caller: nobody waits, and a program that drains does not wait for it.
func (f *InFlight) Keep() (release func()) {
	f.kept.Add(1)
	return func() { f.kept.Add(-1) }
}

// Count returns how many callers wait.
func (f *InFlight) Count() int64 { return f.asks.Load() }

// Limit is how many may.
func (f *InFlight) Limit() int { return int(f.limit.Load()) }

// Drain refuses new messages from now on; turns in flight go on. It may be called again.
func (f *InFlight) Drain() {
	f.draining.Store(true)
	f.once.drain.Do(func() { close(f.drained) })
	f.checkIdle()
}

// IsDraining reports whether Drain was called.
func (f *InFlight) IsDraining() bool { return f.draining.Load() }

// Draining returns a channel that Drain closes.
func (f *InFlight) Draining() <-chan struct{} { return f.drained }

// Idle returns a channel that is closed once nothing is in flight while draining.
func (f *InFlight) Idle() <-chan struct{} { return f.idle }

// checkIdle is called whenever the last caller may have left.
func (f *InFlight) checkIdle() {
	if f.draining.Load() && f.asks.Load() == 0 {
		f.once.idle.Do(func() { close(f.idle) })
	}
}
