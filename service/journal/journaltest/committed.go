package journaltest

import (
	"context"
	"maps"
	"sync"
	"testing/synctest"
	"time"
)

// commits counts what the store reports to journal.Env.Committed.
type commits struct {
	mu        sync.Mutex
	committed int
	failures  []error
	// call is called with each that was committed; nil is none.
	call func()
}

// record is the Committed of the store under test.
func (c *commits) record(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failures = append(c.failures, err)
		return
	}
	c.committed++
	if c.call != nil {
		c.call()
	}
}

// onCommit has f called with each transaction that is committed.
func (c *commits) onCommit(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.call = f
}

// reported returns how many transactions were reported as committed, and the errors of
// those that were reported as failed. It waits until the store has nothing to do, since a
// store may report after the call has returned.
func (c *commits) reported() (committed int, failures []error) {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.committed, c.failures
}

// committedTests returns the checks of journal.Env.Committed, two for each method that
// changes something. That no transaction is reported as failed where the store is not
// broken, such as for a lost claim or a context that has ended, is checked after each
// check of the suite.
func committedTests(o Options) map[string]func(*harness) {
	methods := maps.Clone(writes)
	if o.Shared {
		maps.Copy(methods, sharedWrites)
	}
	tests := map[string]func(*harness){
		// A transaction is reported once, however much it changes.
		"committed: one transaction is reported once": func(h *harness) {
			before, _ := h.commits.reported()
			h.inbox.enqueue(message("ann", "1"), message("ann", "2"), message("bob", "3"))
			after, _ := h.commits.reported()
			h.equal("transactions reported as committed", after-before, 1)
		},
		// What only reads is not reported, since it does not show that the journal can
		// be written.
		"committed: reads are not reported": func(h *harness) {
			h.deadLetters.add("1")
			before, _ := h.commits.reported()
			for name, read := range reads {
				h.wantErr(name, read(h, h.Context()), nil)
			}
			after, _ := h.commits.reported()
			h.equal("transactions reported as committed", after-before, 0)
		},
	}
	for name, method := range methods {
		// Each method that changes something reports a committed transaction.
		tests["committed: "+name+" is reported"] = func(h *harness) { wantCommitted(h, name, method(h)) }
		if o.Break != nil {
			// Each method that changes something reports that it could not, and a committed
			// transaction when it can again.
			tests["committed: "+name+" that fails is reported as failed"] = func(h *harness) {
				call := method(h)
				wantFailed(h, name, call, o.Break)
				wantCommitted(h, name, call)
			}
		}
	}
	return tests
}

// wantCommitted checks that a call succeeds and a transaction is reported as committed.
func wantCommitted(h *harness, name string, call func(context.Context) error) {
	h.Helper()
	// A store may pause before it tries again what failed.
	ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
	defer cancel()
	before, _ := h.commits.reported()
	h.wantErr(name, call(ctx), nil)
	if after, _ := h.commits.reported(); after == before {
		h.Fatalf("%s succeeds, and no transaction is reported as committed", name)
	}
}

// wantFailed checks that a call fails while the store is broken, and that a transaction is
// reported as failed, and none as committed.
func wantFailed(h *harness, name string, call func(context.Context) error, breakStore Break) {
	h.Helper()
	// Some methods wait until they can write, or the context ends.
	ctx, cancel := context.WithTimeout(h.Context(), time.Second)
	defer cancel()
	committed, _ := h.commits.reported()
	h.broken = true
	restore := breakStore(h.T, h.Journal)
	err := call(ctx)
	after, failures := h.commits.reported()
	restore()
	if err == nil {
		h.Fatalf("%s succeeds although the store can't write", name)
	}
	if len(failures) == 0 {
		h.Fatalf("%s fails, and no transaction is reported as failed; its error is %v", name, err)
	}
	h.equal("transactions reported as committed", after-committed, 0)
}
