package sqlite_test

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// TestMain runs the tests, or, in a process that a test has started, the child.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if os.Getenv(childLive) != "" {
			runLiveChild(dir)
		} else {
			runChild(dir)
		}
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// open opens the store in dir.
func open(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, configured, journaltest.Options{
		Durable: true, Break: readOnly, Load: journaltest.Size{Conversations: 1_000}, Corrupt: corrupt,
		OpenAt: openAt,
	})
}

// openAt is a journaltest.OpenAt.
func openAt(t testing.TB, env journal.Env, now func() time.Time) journal.Journal {
	t.Helper()
	o := sqlite.OptionsOf(env)
	o.Now = now
	s, err := sqlite.Open(t.Context(), env.DataDir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// configured opens the store as the program does, but for looking at its files each second
// hour only: in a bubble months pass.
func configured(t testing.TB, env journal.Env) journal.Journal {
	t.Helper()
	s, err := sqlite.Open(t.Context(), env.DataDir, sqlite.OptionsOf(env).WatchedEvery(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readOnly is a journaltest.Break: the writer's connection refuses to write.
func readOnly(t testing.TB, j journal.Journal) (restore func()) {
	t.Helper()
	set := func(value string) {
		if err := j.(*sqlite.Store).Exec(t.Context(), "PRAGMA query_only="+value); err != nil {
			t.Fatal(err)
		}
	}
	set("1")
	return func() { set("0") }
}

func corrupt(t testing.TB, j journal.Journal, row int64, outbox bool) {
	t.Helper()
	if err := j.(*sqlite.Store).Corrupt(t.Context(), row, outbox); err != nil {
		t.Fatal(err)
	}
}
