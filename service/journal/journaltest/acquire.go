package journaltest

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

var acquireTests = map[string]func(*harness){
	// Callers of Acquire get the conversation's lock in the order of their calls, each when
	// the one before has released it.
	"acquire: callers get the lock one after the other": func(h *harness) {
		one, two, three := h.asks.startAcquire(h.Context(), 9), h.asks.startAcquire(h.Context(), 9), h.asks.startAcquire(h.Context(), 9)
		release := one.wantLock()
		two.wantBlocked()
		release()
		release = two.wantLock()
		three.wantBlocked()
		release()
		three.wantLock()()
		h.asks.startAcquire(h.Context(), 9).wantLock()()
	},
	// Callers of Acquire and stored messages of a conversation wait in one queue, in the
	// order in which they came.
	"acquire: callers and messages share one queue": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		one := h.asks.startAcquire(h.Context(), 9)
		h.inbox.enqueueNew("ann", "2")
		two := h.asks.startAcquire(h.Context(), 9)
		h.inbox.enqueueNew("bob", "b")
		turn := h.inbox.nextOf("1", "b")["1"]
		one.wantBlocked()
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		release := one.wantLock()
		h.inbox.wantNone()
		release()
		turn = h.inbox.next("2")
		two.wantBlocked()
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		two.wantLock()()
	},
	// A message that is stored while a caller has the lock waits until the lock is
	// released.
	"acquire: a message waits for the caller before it": func(h *harness) {
		release := h.asks.startAcquire(h.Context(), 9).wantLock()
		h.inbox.enqueueNew("ann", "1")
		h.inbox.wantNone()
		release()
		h.inbox.next("1")
	},
	// Callers behind a message that is to be retried wait until that message has left the
	// queue, or until their context ends.
	"acquire: a message that is to be retried keeps callers waiting": func(h *harness) {
		h.inbox.enqueueNew("ann", "1")
		h.inbox.retry(h.inbox.next("1").Claim, time.Hour)
		ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
		defer cancel()
		_, err := h.Acquire(ctx, ann, 9)
		h.wantErr("Acquire", err, context.DeadlineExceeded)
		behind := h.asks.startAcquire(h.Context(), 9)
		time.Sleep(time.Hour)
		behind.wantBlocked()
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		behind.wantLock()()
	},
	// Acquire fails with ErrQueueFull when as many callers wait as the call allows; when
	// the queue is empty it never does.
	"acquire: more callers than may wait are refused": func(h *harness) {
		release := h.asks.startAcquire(h.Context(), 0).wantLock()
		h.asks.startAcquire(h.Context(), 0).wantReturned(journal.ErrQueueFull)
		one, two := h.asks.startAcquire(h.Context(), 2), h.asks.startAcquire(h.Context(), 2)
		h.asks.startAcquire(h.Context(), 2).wantReturned(journal.ErrQueueFull)
		release()
		release = one.wantLock()
		three := h.asks.startAcquire(h.Context(), 2)
		three.wantBlocked()
		release()
		two.wantLock()()
		three.wantLock()()
	},
	// A caller whose context ends gets the context's cause and leaves the queue; those
	// behind it move up.
	"acquire: a caller that gives up is passed over": func(h *harness) {
		ctx, cancel := context.WithCancelCause(h.Context())
		enough := errors.New("enough")
		release := h.asks.startAcquire(h.Context(), 9).wantLock()
		two, three := h.asks.startAcquire(ctx, 9), h.asks.startAcquire(h.Context(), 9)
		cancel(enough)
		two.wantReturned(enough)
		three.wantBlocked()
		release()
		three.wantLock()()
		h.asks.startAcquire(ctx, 9).wantReturned(enough)
		h.inbox.enqueueNew("ann", "1")
		h.inbox.next("1")
	},
}
