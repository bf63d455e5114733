package journaltest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// broken names, in the environment of a process, the journal that TestBroken tests.
const broken = "JOURNALTEST_BROKEN"

// culprits break one rule each; the test that finds it is named by its beginning.
var culprits = map[string]struct {
	journal func(journal.Journal) journal.Journal
	test    string
}{
	"telltale":  {func(j journal.Journal) journal.Journal { return telltale{j} }, "events: a fenced step adds none"},
	"stammerer": {func(j journal.Journal) journal.Journal { return stammerer{j} }, "events: a stored message's is told with its first attempt"},
	"flattener": {func(j journal.Journal) journal.Journal { return flattener{j} }, "recall: replies come back as they were"},
	"forgiving": {func(j journal.Journal) journal.Journal { return forgiving{j} }, "begin: of a turn that failed, with another digest"},
	"idler":     {func(j journal.Journal) journal.Journal { return idler{j} }, "page: next moves on"},
	"hider":     {func(j journal.Journal) journal.Journal { return hider{j} }, "retention: a cursor below what was swept"},
	"deaf":      {func(j journal.Journal) journal.Journal { return deaf{j} }, "changed: is closed once"},
	"hasty":     {func(j journal.Journal) journal.Journal { return newHasty(j) }, "changed: who waits for one event at a time"},
	"resentful": {func(j journal.Journal) journal.Journal { return resentful{j} }, "forget: takes events, address"},
	"pushy":     {func(j journal.Journal) journal.Journal { return pushy{j} }, "push: a key that was pushed"},
}

// TestBroken tests a journal that breaks a rule, in a process that TestCaught started.
func TestBroken(t *testing.T) {
	t.Parallel()
	culprit, ok := culprits[os.Getenv(broken)]
	if !ok {
		t.Skip("there is nothing to see here")
	}
	journaltest.Run(t, func(_ testing.TB, _ string, retention time.Duration) journal.Journal {
		return culprit.journal(memory.Keep(retention))
	}, journaltest.Options{})
}

// The suite finds a journal that breaks a rule.
func TestCaught(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, culprit := range culprits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			run := exec.CommandContext(ctx, self, "-test.run", "^TestBroken$/^"+regexp.QuoteMeta(culprit.test))
			run.Env = append(os.Environ(), broken+"="+name)
			out, err := run.CombinedOutput()
			failed := "--- FAIL: TestBroken/" + strings.ReplaceAll(culprit.test, " ", "_")
			if err == nil || !strings.Contains(string(out), failed) {
				t.Errorf("it is not caught; error %v:\n%s", err, out)
			}
		})
	}
}

func TestFollowReports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		journal func(journal.Journal) journal.Journal
		want    func(journaltest.FollowReport) bool
	}{
		"nothing of a journal that is right": {
			func(j journal.Journal) journal.Journal { return j },
			func(r journaltest.FollowReport) bool { return r == journaltest.FollowReport{} },
		},
		"what is lost": {
			func(j journal.Journal) journal.Journal { return skipper{j} },
			func(r journaltest.FollowReport) bool { return r.Lost == 100 },
		},
		"disorder": {
			func(j journal.Journal) journal.Journal { return backward{j} },
			func(r journaltest.FollowReport) bool { return r.Disorder > 0 && r.Lost == 0 },
		},
		"what is doubled": {
			func(j journal.Journal) journal.Journal { return echoing{j} },
			func(r journaltest.FollowReport) bool { return r.Duplicates > 0 && r.Lost == 0 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memory.Open()
				defer store.Close()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				report, err := journaltest.Follow(ctx, c.journal(store), 10, 50)
				if err != nil || !c.want(report) {
					t.Errorf("report %+v, error %v", report, err)
				}
			})
		})
	}
}
