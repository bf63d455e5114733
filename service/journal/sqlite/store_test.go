package sqlite_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// TestMain runs the tests, or in a process that TestCrash started its victim.
func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(dir)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// open opens the store in dir, as journaltest asks.
func open(t testing.TB, dir string) journal.Journal {
	t.Helper()
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, open, journaltest.Options{Durable: true, Load: journaltest.Size{Conversations: 1_000}})
}
