// Package journaltest is the suite that every store passes.
package journaltest

import (
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

// Open opens the store in dir, anew or again. The suite closes it.
type Open func(t testing.TB, dir string) journal.Journal

// Options say what the store promises and how much it is loaded.
type Options struct {
	// Durable says that what is stored survives Close.
	Durable bool
	// Load is the size of the load test; zero fields mean 10,000 conversations of 5
	// messages, a tenth of that with -short.
	Load Size
}

// Run tests the store, each test in a bubble of testing/synctest: time stands still
// while anything is at work, and "nothing comes" is known at once.
func Run(t *testing.T, open Open, o Options) {
	t.Helper()
	for _, group := range []map[string]func(*desk){enqueueTests, nextTests, joinTests, settleTests, outboxTests, deadLetterTests, closeTests} {
		run(t, open, group)
	}
	if o.Durable {
		run(t, open, reopenTests)
	}
	run(t, open, map[string]func(*desk){"load: nothing lost, doubled, out of order or at once": func(d *desk) {
		d.load(o.Load)
	}})
}

func run(t *testing.T, open Open, tests map[string]func(*desk)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				d := &desk{T: t, dir: dir, open: open}
				d.Journal = open(t, dir)
				defer d.shut()
				test(d)
			})
		})
	}
}
