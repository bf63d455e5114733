// Package journaltest is the suite that every store passes.
package journaltest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// Open opens the store in dir, anew or again, with the retention of journal.Env. The
// suite closes it.
type Open func(t testing.TB, dir string, retention time.Duration) journal.Journal

// Options say what the store promises and how much it is loaded.
type Options struct {
	// Durable says that what is stored survives Close.
	Durable bool
	// Load is the size of the load test; zero fields mean 10,000 conversations of 5
	// messages, a tenth of that with -short.
	Load Size
	// Corrupt makes a stored row of the inbox, or of the outbox, one that can't be
	// read. Nil where that can't happen; the store is durable where it can.
	Corrupt func(t testing.TB, j journal.Journal, row int64, outbox bool)
}

// groups are the tests that every store passes.
var groups = []map[string]func(*harness){
	enqueueTests, nextTests, acquireTests, settleTests,
	beginTests, settleAskTests, recallTests,
	outboxTests, partEventTests, pushTests, wakeTests, addressTests, deadLetterTests,
	eventTests, pageTests, followTests, historyTests, retentionTests,
	forgetTests, forgetQueueTests, leaseTests, waitingTests, closeTests,
}

// Run tests the store, each test in a bubble of testing/synctest: time stands still
// while anything is at work, and "nothing comes" is known at once.
func Run(t *testing.T, open Open, o Options) {
	t.Helper()
	for _, group := range groups {
		run(t, open, o, group)
	}
	if o.Durable {
		run(t, open, o, reopenTests)
		run(t, open, o, reopenAskTests)
		run(t, open, o, reopenEventTests)
	}
	if o.Corrupt != nil {
		run(t, open, o, unreadableTests)
	}
	run(t, open, o, map[string]func(*harness){"load: nothing lost, doubled, out of order or at once": func(h *harness) {
		h.runLoad(o.Load)
	}})
}

func run(t *testing.T, open Open, o Options, tests map[string]func(*harness)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := &harness{T: t, dir: dir, open: open, retention: journal.DefaultRetention, corrupt: o.Corrupt}
				h.Journal = open(t, dir, h.retention)
				defer h.closeStore()
				test(h)
			})
		})
	}
}
