package journaltest_test

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/service/journal"
)

// silent does not report the writes of one method: those that fail, or those that succeed.
func silent(method string, failed bool) func(*reporting) journal.Journal {
	return func(r *reporting) journal.Journal {
		r.report = func(name string, err error) {
			if name != method || failed != (err != nil) {
				r.committed(err)
			}
		}
		return r
	}
}

// reportsTwice reports each write twice.
func reportsTwice(r *reporting) journal.Journal {
	r.report = func(_ string, err error) { r.committed(err); r.committed(err) }
	return r
}

// reportsSuccess reports each write as committed, also when it failed.
func reportsSuccess(r *reporting) journal.Journal {
	r.report = func(string, error) { r.committed(nil) }
	return r
}

// reportsReads reports what only reads.
type reportsReads struct{ *reporting }

func (j reportsReads) Depth(ctx context.Context) (journal.Depth, error) {
	depth, err := j.reporting.Depth(ctx)
	j.committed(err)
	return depth, err
}

// reportsFenced reports a write as failed when the claim was lost.
type reportsFenced struct{ *reporting }

func (j reportsFenced) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	err := j.reporting.Settle(ctx, c, s)
	if errors.Is(err, journal.ErrFenced) {
		j.committed(err)
	}
	return err
}
