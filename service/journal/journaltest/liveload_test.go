package journaltest_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// pushesAhead stores the further parts of a completion before its turn is over.
type pushesAhead struct{ journal.Journal }

func (j pushesAhead) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if s.Begin != nil {
		further := *s.Begin
		further.ID += "+"
		further.Reply.Text = further.ID
		s.Parts = append(s.Parts, further)
	}
	if s.Complete != nil {
		s.Complete = &journal.Completion{ID: s.Complete.ID, Parts: slices.Clone(s.Complete.Parts[:1])}
	}
	return j.Journal.Settle(ctx, c, s)
}

// losesFurther loses the further parts of a completion.
type losesFurther struct{ journal.Journal }

func (j losesFurther) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if s.Complete != nil {
		s.Complete = &journal.Completion{ID: s.Complete.ID, Parts: []channels.Part{s.Complete.Parts[0]}}
	}
	return j.Journal.Settle(ctx, c, s)
}

// LoadLive reports what a broken journal does to live parts. A journal that is given as two
// processes, though it is one, gives growing parts to the wrong one.
func TestLoadLiveReports(t *testing.T) {
	t.Parallel()
	one := func(j journal.Journal) []journal.Journal { return []journal.Journal{j} }
	for name, c := range map[string]struct {
		processes func(journal.Journal) []journal.Journal
		found     func(journaltest.LiveReport) bool
	}{
		"nothing of a journal that is right": {
			one, func(r journaltest.LiveReport) bool { return r == journaltest.LiveReport{} },
		},
		"a growing part at another process": {
			func(j journal.Journal) []journal.Journal { return []journal.Journal{j, j} },
			func(r journaltest.LiveReport) bool { return r.Foreign > 0 && r.Lost+r.Doubled+r.Cut+r.Disorder == 0 },
		},
		"a receipt that is forgotten": {
			func(j journal.Journal) []journal.Journal { return one(forgetsReceipt{j}) },
			func(r journaltest.LiveReport) bool { return r.Doubled > 0 && r.Lost+r.Foreign+r.Cut+r.Disorder == 0 },
		},
		"a completion that is ignored": {
			func(j journal.Journal) []journal.Journal { return one(ignoresCompletion{j}) },
			func(r journaltest.LiveReport) bool { return r.Cut > 0 && r.Lost > 0 },
		},
		"a completion behind its part": {
			func(j journal.Journal) []journal.Journal { return one(completesBehind{j}) },
			func(r journaltest.LiveReport) bool { return r.Cut > 0 && r.Doubled > 0 },
		},
		"parts out of order": {
			func(j journal.Journal) []journal.Journal { return one(pushesAhead{j}) },
			func(r journaltest.LiveReport) bool { return r.Disorder > 0 && r.Lost+r.Doubled+r.Foreign+r.Cut == 0 },
		},
		"parts that are lost": {
			func(j journal.Journal) []journal.Journal { return one(losesFurther{j}) },
			func(r journaltest.LiveReport) bool { return r.Lost > 0 && r.Doubled+r.Foreign+r.Cut == 0 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memory.Open()
				defer store.Close()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				size := journaltest.Size{Conversations: 20, Messages: 3, Agents: 10, Posters: 4}
				report, err := journaltest.LoadLive(ctx, size, c.processes(store)...)
				if err != nil || !c.found(report) {
					t.Errorf("report %+v, error %v", report, err)
				}
			})
		})
	}
}
