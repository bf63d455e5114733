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
	open := func(testing.TB, string) journal.Journal { return memory.Open() }
	journaltest.Run(t, open, journaltest.Options{})
}
