package journaltest_test

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// countsDeferred counts an attempt that was deferred.
type countsDeferred struct{ journal.Journal }

func (j countsDeferred) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if s.End != nil && s.End.Outcome == journal.OutcomeDeferred {
		s.End = &journal.End{Outcome: journal.OutcomeRetry, At: s.End.At}
	}
	return j.Journal.Settle(ctx, c, s)
}

// hidesExpired makes a part that expired one that was not delivered.
type hidesExpired struct{ journal.Journal }

func (j hidesExpired) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	o.Kind = ""
	return j.Journal.SettlePart(ctx, c, o)
}

// countsOn counts the messages of a conversation beyond the limit.
type countsOn struct{ journal.Journal }

func (j countsOn) Queued(ctx context.Context, c channels.Conversation, _ int) (int, error) {
	return j.Journal.Queued(ctx, c, 1_000)
}

// keepsRefused keeps refused messages beyond the limit.
type keepsRefused struct{ journal.Journal }

func (j keepsRefused) Refuse(ctx context.Context, _ int, es ...journal.Entry) (int, error) {
	return j.Journal.Refuse(ctx, 1_000, es...)
}

// opensAll gives each channel more slots than it has.
type opensAll struct{ journal.Journal }

func (j opensAll) OpenOutbox(slots map[string]int) {
	more := map[string]int{}
	for name := range slots {
		more[name] = 1_000
	}
	j.Journal.OpenOutbox(more)
}

// replaysAtOnce puts all dead letters back in one transaction.
type replaysAtOnce struct{ *reporting }

func (j replaysAtOnce) Replay(ctx context.Context, ids ...int64) (int, error) {
	n, err := j.Journal.Replay(ctx, ids...)
	j.report("Replay", err)
	return n, err
}

// readsWallClock has no reading of the monotonic clock in the times of what it gives out.
type readsWallClock struct{ journal.Journal }

func (j readsWallClock) Next(ctx context.Context) (journal.Turn, error) {
	turn, err := j.Journal.Next(ctx)
	turn.Stored = turn.Stored.Round(0)
	return turn, err
}

// keepsStale sweeps nothing while a message waits, however old that is.
type keepsStale struct{ journal.Journal }

func (j keepsStale) Sweep(ctx context.Context, limit int) (int, error) {
	if depth, err := j.Depth(ctx); err != nil || depth.Inbox > 0 {
		return 0, err
	}
	return j.Journal.Sweep(ctx, limit)
}
