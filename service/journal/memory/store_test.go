package memory_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	t.Parallel()
	open := func(_ testing.TB, _ string, retention time.Duration) journal.Journal { return memory.Keep(retention) }
	journaltest.Run(t, open, journaltest.Options{})
}
