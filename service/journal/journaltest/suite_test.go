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
)

// brokenName is the environment variable that names the journal that TestBroken tests.
const brokenName = "JOURNALTEST_BROKEN"

// brokenJournal breaks one promise.
type brokenJournal struct {
	// check is the beginning of the name of the check that has to find it.
	check string
	// of makes it of a journal that keeps all promises.
	of func(*reporting) journal.Journal
}

// brokenJournals returns the broken journals by name.
func brokenJournals() map[string]brokenJournal {
	all := map[string]brokenJournal{
		"appendsFenced":       {"events: a fenced step adds none", func(r *reporting) journal.Journal { return appendsFenced{r} }},
		"repeatsMessageEvent": {"events: a stored message's is appended with its first attempt", func(r *reporting) journal.Journal { return repeatsMessageEvent{r} }},
		"joinsReplies":        {"recall: replies come back as they were", func(r *reporting) journal.Journal { return joinsReplies{r} }},
		"ignoresDigest":       {"begin: of a turn that failed, with another digest", func(r *reporting) journal.Journal { return ignoresDigest{r} }},
		"stuckPages":          {"page: next moves on", func(r *reporting) journal.Journal { return stuckPages{r} }},
		"hidesSwept":          {"retention: a cursor below what was swept", func(r *reporting) journal.Journal { return hidesSwept{r} }},
		"neverChanged":        {"changed: is closed once", func(r *reporting) journal.Journal { return neverChanged{r} }},
		"changedTooEarly":     {"changed: a reader that waits for one event at a time", func(r *reporting) journal.Journal { return newChangedTooEarly(r) }},
		"keepsEvents":         {"forget: takes events, address", func(r *reporting) journal.Journal { return keepsEvents{r} }},
		"pushesAgain":         {"push: a key that was pushed", func(r *reporting) journal.Journal { return pushesAgain{r} }},
		"countsDeferred":      {"deferred: a message stays first", func(r *reporting) journal.Journal { return countsDeferred{r} }},
		"hidesExpired":        {"deferred: a part that expired", func(r *reporting) journal.Journal { return hidesExpired{r} }},
		"countsOn":            {"queued: counts no further", func(r *reporting) journal.Journal { return countsOn{r} }},
		"keepsRefused":        {"refuse: no more of a conversation", func(r *reporting) journal.Journal { return keepsRefused{r} }},
		"opensAll":            {"slots: a channel whose slots are all claimed", func(r *reporting) journal.Journal { return opensAll{r} }},
		"hidesGrowth":         {"live: it comes in its place", func(r *reporting) journal.Journal { return hidesGrowth{r} }},
		"beginsParts":         {"live: it comes in its place", func(r *reporting) journal.Journal { return beginsParts{r} }},
		"growsOn":             {"live: the end of the turn", func(r *reporting) journal.Journal { return growsOn{r} }},
		"ignoresCompletion":   {"complete: before it is claimed", func(r *reporting) journal.Journal { return ignoresCompletion{r} }},
		"completesBehind":     {"complete: before it is claimed", func(r *reporting) journal.Journal { return completesBehind{r} }},
		"storesFurther":       {"complete: of a part that is gone", func(r *reporting) journal.Journal { return storesFurther{r} }},
		"forgetsReceipt":      {"keep: text, receipt", func(r *reporting) journal.Journal { return forgetsReceipt{r} }},
		"keepsOldID":          {"keep: a roll-over takes", func(r *reporting) journal.Journal { return keepsOldID{r} }},
		"keepsFenced":         {"keep: a claim that ended", func(r *reporting) journal.Journal { return keepsFenced{r} }},
		"keepsNoEvents":       {"keep: text, receipt", func(r *reporting) journal.Journal { return keepsNoEvents{r} }},
		"replaysAtOnce":       {"replay many: in several transactions", func(r *reporting) journal.Journal { return replaysAtOnce{r} }},
		"readsWallClock":      {"monotonic: ages are measured by", func(r *reporting) journal.Journal { return readsWallClock{r} }},
		"keepsStale":          {"stale: messages that wait too long", func(r *reporting) journal.Journal { return keepsStale{r} }},
		"sharesMedia":         {"media: are held by one message", func(r *reporting) journal.Journal { return sharesMedia{r} }},
		"losesMedia":          {"media: stay while their message waits", func(r *reporting) journal.Journal { return losesMedia{r} }},
		"reportsTwice":        {"committed: one transaction is reported once", reportsTwice},
		"reportsReads":        {"committed: reads are not reported", func(r *reporting) journal.Journal { return reportsReads{r} }},
		"reportsFenced":       {"settle: a claim that ended", func(r *reporting) journal.Journal { return reportsFenced{r} }},
		"reportsSuccess":      {"committed: Drop that fails", reportsSuccess},
	}
	for _, method := range journaltest.Writes() {
		all["silent"+method] = brokenJournal{"committed: " + method + " is reported", silent(method, false)}
		all["silentFailed"+method] = brokenJournal{"committed: " + method + " that fails", silent(method, true)}
	}
	return all
}

// TestBroken runs the suite for a broken journal, in a process that TestCaught started. It
// fails there; otherwise there is nothing to run.
func TestBroken(t *testing.T) {
	t.Parallel()
	broken, ok := brokenJournals()[os.Getenv(brokenName)]
	if !ok {
		t.Skip("no broken journal is named")
	}
	open := func(t testing.TB, env journal.Env) journal.Journal { return broken.of(newReporting(t, env)) }
	journaltest.Run(t, open, journaltest.Options{Shared: true, Break: breakReporting})
}

// The suite finds every journal that breaks a promise.
func TestCaught(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range brokenJournals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			run := exec.CommandContext(ctx, self, "-test.run", "^TestBroken$/^"+regexp.QuoteMeta(broken.check))
			run.Env = append(os.Environ(), brokenName+"="+name)
			out, err := run.CombinedOutput()
			failed := "--- FAIL: TestBroken/" + strings.ReplaceAll(broken.check, " ", "_")
			if err == nil || !strings.Contains(string(out), failed) {
				t.Errorf("it is not caught; error %v:\n%s", err, out)
			}
		})
	}
}
