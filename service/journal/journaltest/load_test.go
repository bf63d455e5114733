package journaltest_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// withoutQueues keeps no order: it gives each message a conversation of its own.
type withoutQueues struct{ journal.Journal }

func (l withoutQueues) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	for i := range es {
		es[i].Message.Sender += "#" + es[i].Message.ID
	}
	return l.Journal.Enqueue(ctx, es...)
}

func (l withoutQueues) Next(ctx context.Context) (journal.Turn, error) {
	turn, err := l.Journal.Next(ctx)
	turn.Message.Sender, _, _ = strings.Cut(turn.Message.Sender, "#")
	return turn, err
}

// losesAndDoubles gives some messages two turns, and some none.
type losesAndDoubles struct{ journal.Journal }

func (f losesAndDoubles) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	var kept []journal.Entry
	for _, e := range es {
		switch e.Message.ID {
		case "2":
		case "3":
			again := e
			again.Message.Sender += "#again"
			kept = append(kept, e, again)
		default:
			kept = append(kept, e)
		}
	}
	return f.Journal.Enqueue(ctx, kept...)
}

func (f losesAndDoubles) Next(ctx context.Context) (journal.Turn, error) {
	return withoutQueues(f).Next(ctx)
}

// Load reports what a broken journal loses, doubles, puts out of order or lets overlap.
func TestLoadReports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		journal func(journal.Journal) journal.Journal
		found   func(journaltest.Report) bool
	}{
		"nothing of a journal that is right": {
			func(j journal.Journal) journal.Journal { return j },
			func(r journaltest.Report) bool { return r == journaltest.Report{} },
		},
		"disorder and overlap when there are no queues": {
			func(j journal.Journal) journal.Journal { return withoutQueues{j} },
			func(r journaltest.Report) bool { return r.Disorder > 0 && r.Overlap > 0 },
		},
		"what is lost and what is doubled": {
			func(j journal.Journal) journal.Journal { return losesAndDoubles{j} },
			func(r journaltest.Report) bool { return r.Lost == 100 && r.Duplicates == 100 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memory.Open()
				defer store.Close()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				report, err := journaltest.Load(ctx, c.journal(store), journaltest.Size{Conversations: 100})
				if err != nil || !c.found(report) {
					t.Errorf("report %+v, error %v", report, err)
				}
			})
		})
	}
}
