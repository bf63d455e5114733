package journaltest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// Follow reports what a broken journal loses, doubles or puts out of order.
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
			func(j journal.Journal) journal.Journal { return skipsEvents{j} },
			func(r journaltest.FollowReport) bool { return r.Lost == 100 },
		},
		"disorder": {
			func(j journal.Journal) journal.Journal { return reversesPages{j} },
			func(r journaltest.FollowReport) bool { return r.Disorder > 0 && r.Lost == 0 },
		},
		"what is doubled": {
			func(j journal.Journal) journal.Journal { return repeatsEvents{j} },
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
