package journaltest

import (
	"context"
	"errors"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// ann is the conversation of ann on channel "web".
var ann = channels.Conversation{Channel: "web", Sender: "ann"}

// acquireCall is a call of Acquire that goes on beside the test.
type acquireCall struct {
	lock journal.Lock
	err  error
	done chan struct{}
}

// startAcquire calls Acquire for ann's conversation in a goroutine of its own, and returns
// when the call waits or has returned.
func (h *harness) startAcquire(ctx context.Context, most int) *acquireCall {
	c := &acquireCall{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.lock, c.err = h.Acquire(ctx, ann, most)
	}()
	synctest.Wait()
	return c
}

// wantBlocked checks that the call still waits.
func (h *harness) wantBlocked(c *acquireCall) {
	h.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		h.Fatalf("Acquire returns, error %v; want it to wait", c.err)
	default:
	}
}

// wantLock checks that the call returned with the lock, and returns the lock's Release.
func (h *harness) wantLock(c *acquireCall) func() {
	h.Helper()
	h.wantReturned(c, nil)
	return c.lock.Release
}

// wantReturned checks that the call returned, with the error; nil means with the lock.
func (h *harness) wantReturned(c *acquireCall, want error) {
	h.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		h.wantErr("Acquire", c.err, want)
	default:
		h.Fatal("Acquire waits, want it to return")
	}
}

var acquireTests = map[string]func(*harness){
	// Callers of Acquire get the conversation's lock in the order of their calls, each when
	// the one before has released it.
	"acquire: callers get the lock one after the other": func(h *harness) {
		one, two, three := h.startAcquire(h.Context(), 9), h.startAcquire(h.Context(), 9), h.startAcquire(h.Context(), 9)
		release := h.wantLock(one)
		h.wantBlocked(two)
		release()
		release = h.wantLock(two)
		h.wantBlocked(three)
		release()
		h.wantLock(three)()
		h.wantLock(h.startAcquire(h.Context(), 9))()
	},
	// Callers of Acquire and stored messages of a conversation wait in one queue, in the
	// order in which they came.
	"acquire: callers and messages share one queue": func(h *harness) {
		h.enqueueNew("ann", "1")
		one := h.startAcquire(h.Context(), 9)
		h.enqueueNew("ann", "2")
		two := h.startAcquire(h.Context(), 9)
		h.enqueueNew("bob", "b")
		turn := h.turns("1", "b")["1"]
		h.wantBlocked(one)
		h.end(turn.Claim, journal.OutcomeDone)
		release := h.wantLock(one)
		h.wantNoTurn()
		release()
		turn = h.next("2")
		h.wantBlocked(two)
		h.end(turn.Claim, journal.OutcomeDone)
		h.wantLock(two)()
	},
	// A message that is stored while a caller has the lock waits until the lock is
	// released.
	"acquire: a message waits for the caller before it": func(h *harness) {
		release := h.wantLock(h.startAcquire(h.Context(), 9))
		h.enqueueNew("ann", "1")
		h.wantNoTurn()
		release()
		h.next("1")
	},
	// Callers behind a message that is to be retried wait until that message has left the
	// queue, or until their context ends.
	"acquire: a message that is to be retried keeps callers waiting": func(h *harness) {
		h.enqueueNew("ann", "1")
		h.retry(h.next("1").Claim, time.Hour)
		ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
		defer cancel()
		_, err := h.Acquire(ctx, ann, 9)
		h.wantErr("Acquire", err, context.DeadlineExceeded)
		behind := h.startAcquire(h.Context(), 9)
		time.Sleep(time.Hour)
		h.wantBlocked(behind)
		h.end(h.next("1").Claim, journal.OutcomeDone)
		h.wantLock(behind)()
	},
	// Acquire fails with ErrQueueFull when as many callers wait as the call allows; when
	// the queue is empty it never does.
	"acquire: more callers than may wait are refused": func(h *harness) {
		release := h.wantLock(h.startAcquire(h.Context(), 0))
		h.wantReturned(h.startAcquire(h.Context(), 0), journal.ErrQueueFull)
		one, two := h.startAcquire(h.Context(), 2), h.startAcquire(h.Context(), 2)
		h.wantReturned(h.startAcquire(h.Context(), 2), journal.ErrQueueFull)
		release()
		release = h.wantLock(one)
		three := h.startAcquire(h.Context(), 2)
		h.wantBlocked(three)
		release()
		h.wantLock(two)()
		h.wantLock(three)()
	},
	// A caller whose context ends gets the context's cause and leaves the queue; those
	// behind it move up.
	"acquire: a caller that gives up is passed over": func(h *harness) {
		ctx, cancel := context.WithCancelCause(h.Context())
		enough := errors.New("enough")
		release := h.wantLock(h.startAcquire(h.Context(), 9))
		two, three := h.startAcquire(ctx, 9), h.startAcquire(h.Context(), 9)
		cancel(enough)
		h.wantReturned(two, enough)
		h.wantBlocked(three)
		release()
		h.wantLock(three)()
		h.wantReturned(h.startAcquire(ctx, 9), enough)
		h.enqueueNew("ann", "1")
		h.next("1")
	},
}
