package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, open, journaltest.Options{})
}

// open opens the store as the program does.
func open(t testing.TB, env journal.Env) journal.Journal {
	t.Helper()
	s, err := memory.Type().New().Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
