package journaltest

import (
	"context"
	"fmt"
	"sync"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

var nextTests = map[string]func(*harness){
	// Messages of one conversation are given out in the order in which they were stored,
	// and each only when the turn before it has ended.
	"next: a conversation's messages come one at a time, in order": func(h *harness) {
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.enqueue(message("ann", "3"), message("ann", "4"))
		for _, id := range []string{"1", "2", "3", "4"} {
			turn := h.inbox.next(id)
			h.inbox.wantNone()
			h.inbox.end(turn.Claim, journal.OutcomeDone)
		}
		h.wantDepth(journal.Depth{})
	},
	// A turn that runs holds up its own conversation only.
	"next: conversations do not wait for each other": func(h *harness) {
		h.inbox.enqueueNew("ann", "a1", "a2")
		h.inbox.enqueueNew("bob", "b1")
		turns := h.inbox.nextOf("a1", "b1")
		h.inbox.wantNone()
		h.inbox.end(turns["a1"].Claim, journal.OutcomeDone)
		h.inbox.next("a2")
		h.inbox.end(turns["b1"].Claim, journal.OutcomeDone)
	},
	// A row's number is above those of rows stored earlier, and a claim's token is never
	// the zero value.
	"next: row numbers rise and tokens are not zero": func(h *harness) {
		h.inbox.enqueueNew("ann", "a1")
		h.inbox.enqueueNew("bob", "b1")
		turns := h.inbox.nextOf("a1", "b1")
		a, b := turns["a1"], turns["b1"]
		if a.Row <= 0 || b.Row <= a.Row || a.Token == 0 || b.Token == 0 {
			h.Errorf("claims %+v, then %+v", a.Claim, b.Claim)
		}
	},
	// Next returns messages of the channels that OpenInbox named last, and those of other
	// channels wait.
	"next: messages of a closed channel wait": func(h *harness) {
		h.OpenInbox("phone")
		h.inbox.enqueueNew("ann", "1", "2")
		h.inbox.wantNone()
		h.OpenInbox("phone", "web")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.OpenInbox()
		h.inbox.wantNone()
		h.OpenInbox("web")
		h.inbox.next("2")
	},
	// A call of Next that waits returns the context's error when the context ends, and
	// takes no message with it.
	"next: returns when its context ends": func(h *harness) {
		ctx, cancel := context.WithCancelCause(h.Context())
		got := make(chan error)
		go func() { _, err := h.Next(ctx); got <- err }()
		synctest.Wait()
		cancel(fmt.Errorf("enough"))
		h.wantErr("Next", <-got, context.Canceled)
		h.inbox.enqueueNew("ann", "1")
		h.inbox.next("1")
	},
	// However many calls of Next wait, each message that becomes due is given to exactly
	// one of them.
	"next: each message wakes one of many waiting calls": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		turns := make(chan journal.Turn, 2000)
		var waiting sync.WaitGroup
		for range 2000 {
			waiting.Go(func() {
				if turn, err := h.Next(ctx); err == nil {
					turns <- turn
				}
			})
		}
		synctest.Wait()
		for i := range 50 {
			h.inbox.enqueueNew(fmt.Sprint("sender", i%25), fmt.Sprint(i))
		}
		synctest.Wait()
		h.equal("turns", len(turns), 25)
		cancel()
		waiting.Wait()
		h.equal("turns", len(turns), 25)
	},
}
