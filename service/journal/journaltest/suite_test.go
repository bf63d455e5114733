package journaltest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// brokenName is the environment variable that names the journal that TestBroken tests.
const brokenName = "JOURNALTEST_BROKEN"

// brokenJournals break one promise each. The test is the beginning of the name of the
// check that has to find it.
var brokenJournals = map[string]struct {
	journal func(journal.Journal) journal.Journal
	test    string
}{
	"appendsFenced":       {func(j journal.Journal) journal.Journal { return appendsFenced{j} }, "events: a fenced step adds none"},
	"repeatsMessageEvent": {func(j journal.Journal) journal.Journal { return repeatsMessageEvent{j} }, "events: a stored message's is appended with its first attempt"},
	"joinsReplies":        {func(j journal.Journal) journal.Journal { return joinsReplies{j} }, "recall: replies come back as they were"},
	"ignoresDigest":       {func(j journal.Journal) journal.Journal { return ignoresDigest{j} }, "begin: of a turn that failed, with another digest"},
	"stuckPages":          {func(j journal.Journal) journal.Journal { return stuckPages{j} }, "page: next moves on"},
	"hidesSwept":          {func(j journal.Journal) journal.Journal { return hidesSwept{j} }, "retention: a cursor below what was swept"},
	"neverChanged":        {func(j journal.Journal) journal.Journal { return neverChanged{j} }, "changed: is closed once"},
	"changedTooEarly":     {func(j journal.Journal) journal.Journal { return newChangedTooEarly(j) }, "changed: a reader that waits for one event at a time"},
	"keepsEvents":         {func(j journal.Journal) journal.Journal { return keepsEvents{j} }, "forget: takes events, address"},
	"pushesAgain":         {func(j journal.Journal) journal.Journal { return pushesAgain{j} }, "push: a key that was pushed"},
}

// TestBroken runs the suite for a broken journal, in a process that TestCaught started. It
// fails there; otherwise there is nothing to run.
func TestBroken(t *testing.T) {
	t.Parallel()
	brokenJournal, ok := brokenJournals[os.Getenv(brokenName)]
	if !ok {
		t.Skip("no broken journal is named")
	}
	journaltest.Run(t, func(_ testing.TB, _ string, retention time.Duration) journal.Journal {
		return brokenJournal.journal(memory.Keep(retention))
	}, journaltest.Options{})
}

// The suite finds every journal that breaks a promise.
func TestCaught(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, brokenJournal := range brokenJournals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			run := exec.CommandContext(ctx, self, "-test.run", "^TestBroken$/^"+regexp.QuoteMeta(brokenJournal.test))
			run.Env = append(os.Environ(), brokenName+"="+name)
			out, err := run.CombinedOutput()
			failed := "--- FAIL: TestBroken/" + strings.ReplaceAll(brokenJournal.test, " ", "_")
			if err == nil || !strings.Contains(string(out), failed) {
				t.Errorf("it is not caught; error %v:\n%s", err, out)
			}
		})
	}
}
