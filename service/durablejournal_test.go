package service_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/journal/sqlite"
	"github.com/manyvox/manyvox/service/servicetest"
)

// durableJournal is a journal that outlives a service. Each call of what open returns
// opens it for the next one.
type durableJournal struct {
	name string
	open func(t *testing.T) (open func() journal.Journal)
}

func durableJournals() []durableJournal {
	return []durableJournal{
		{"memory", func(*testing.T) func() journal.Journal {
			store := memory.Open()
			return func() journal.Journal { return servicetest.KeepOpen(store) }
		}},
		{"sqlite", func(t *testing.T) func() journal.Journal {
			dir := t.TempDir()
			return func() journal.Journal {
				store, err := sqlite.Open(context.Background(), dir, sqlite.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return store
			}
		}},
	}
}

// eachJournal runs a test in a bubble, once with each journal.
func eachJournal(t *testing.T, test func(t *testing.T, open func() journal.Journal)) {
	for _, r := range durableJournals() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, r.open(t)) })
		})
	}
}
