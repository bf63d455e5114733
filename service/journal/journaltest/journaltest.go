// Package journaltest is the suite that every store passes. Above each check stands what it
// checks, which is promised by the comments of package journal or by docs/delivery.md.
package journaltest

import (
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

// Open opens the store as env says, anew or again in the same env.DataDir. The suite closes
// it.
type Open func(t testing.TB, env journal.Env) journal.Journal

// Break makes every transaction of the store that writes fail, until restore is called.
type Break func(t testing.TB, j journal.Journal) (restore func())

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
	// Shared says that several processes may use the store at the same time, so that it
	// stores also locks, leases, connected readers and claims of parts, and reports that.
	Shared bool
	// Break is nil where writing can't fail. Otherwise the suite checks that each method
	// that can't write fails and reports it.
	Break Break
	// OpenAt is nil where the store's clock is not the program's.
	OpenAt OpenAt
}

// groups are the checks that every store passes.
var groups = []map[string]func(*harness){
	enqueueTests, nextTests, acquireTests, settleTests,
	deferredTests, queuedTests, refuseTests, staleTests, ageTests,
	beginTests, settleAskTests, recallTests,
	outboxTests, slotTests, liveTests, completeTests, keepTests, partEventTests, pushTests, choiceTests,
	wakeTests, addressTests, deadLetterTests, replayManyTests,
	eventTests, groupTests, pageTests, followTests, historyTests, retentionTests,
	forgetTests, forgetQueueTests, leaseTests, waitingTests, settingTests, pausedTests, aliasTests, mediaTests, keptMediaTests, closeTests,
}

// Run checks the store, with each check but those of monotonicTests in a bubble of
// testing/synctest: time stands still while anything is at work, and "nothing comes" is
// known at once.
func Run(t *testing.T, open Open, o Options) {
	t.Helper()
	for _, group := range groups {
		run(t, open, o, group)
	}
	if o.Durable {
		run(t, open, o, reopenTests)
		run(t, open, o, reopenAskTests)
		run(t, open, o, reopenEventTests)
		run(t, open, o, reopenChoiceTests)
		run(t, open, o, reopenLiveTests)
		run(t, open, o, reopenAgeTests)
		run(t, open, o, reopenSettingTests)
		run(t, open, o, reopenPausedTests)
		run(t, open, o, reopenAliasTests)
		run(t, open, o, reopenMediaTests)
	}
	runOutside(t, open, o, monotonicTests)
	if o.Durable {
		runOutside(t, open, o, reopenMonotonicTests)
	}
	if o.OpenAt != nil {
		run(t, open, o, clockTests(o.OpenAt))
		run(t, open, o, clockAgeTests(o.OpenAt))
	}
	if o.Break != nil {
		run(t, open, o, staleBreakTests(o.Break))
		run(t, open, o, liveBreakTests(o.Break))
	}
	if o.Corrupt != nil {
		run(t, open, o, unreadableTests)
	}
	run(t, open, o, committedTests(o))
	run(t, open, o, map[string]func(*harness){
		// Under load each message has exactly one turn, in the order of its conversation, and
		// never at the same time as another of its conversation.
		"load: nothing lost, doubled, out of order or at once": func(h *harness) { runLoad(h, o.Load) },
		// Under load each live part appears once, in its place, at the process of its turn, and
		// ends with the whole text.
		"load: live parts are neither lost, doubled, cut nor out of order": runLiveLoad,
	})
}

// run runs a group of checks, each in a bubble with a store of its own.
func run(t *testing.T, open Open, o Options, tests map[string]func(*harness)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, dir, open, o)
				defer h.wantNoFailure()
				defer h.closeStore()
				test(h)
			})
		})
	}
}

// runOutside is run without bubbles: the checks wait for signals alone.
func runOutside(t *testing.T, open Open, o Options, tests map[string]func(*harness)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, t.TempDir(), open, o)
			defer h.closeStore()
			test(h)
		})
	}
}
