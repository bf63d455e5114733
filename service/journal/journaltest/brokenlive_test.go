package journaltest_test

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/service/journal"
)

// hidesGrowth does not say that a part grows.
type hidesGrowth struct{ journal.Journal }

func (j hidesGrowth) NextPart(ctx context.Context) (journal.Delivery, error) {
	d, err := j.Journal.NextPart(ctx)
	d.Live = nil
	return d, err
}

// beginsParts stores live parts as ordinary ones.
type beginsParts struct{ journal.Journal }

func (j beginsParts) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if s.Begin != nil {
		s.Parts, s.Begin = append(s.Parts, *s.Begin), nil
	}
	return j.Journal.Settle(ctx, c, s)
}

// growsOn says of a part that grew once that it grows.
type growsOn struct{ journal.Journal }

func (j growsOn) NextPart(ctx context.Context) (journal.Delivery, error) {
	d, err := j.Journal.NextPart(ctx)
	if d.Part.ID == "l" {
		d.Live = &journal.Live{Growing: true}
	}
	return d, err
}

// ignoresCompletion completes nothing.
type ignoresCompletion struct{ journal.Journal }

func (j ignoresCompletion) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	s.Complete = nil
	return j.Journal.Settle(ctx, c, s)
}

// completesBehind stores what completes a part at the end of the outbox.
type completesBehind struct{ journal.Journal }

func (j completesBehind) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if s.Complete != nil {
		s.Parts, s.Complete = append(s.Complete.Parts, s.Parts...), nil
	}
	return j.Journal.Settle(ctx, c, s)
}

// storesFurther stores the further parts of a completion also when the live part is gone.
type storesFurther struct{ journal.Journal }

func (j storesFurther) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if s.Complete != nil {
		completed := *s.Complete
		s.Parts, s.Complete = append(completed.Parts[1:], s.Parts...), &completed
		completed.Parts = completed.Parts[:1]
	}
	return j.Journal.Settle(ctx, c, s)
}

// forgetsReceipt keeps no receipts.
type forgetsReceipt struct{ journal.Journal }

func (j forgetsReceipt) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	p.Receipt = nil
	return j.Journal.KeepLive(ctx, c, p)
}

// keepsNoEvents appends no events with what it keeps.
type keepsNoEvents struct{ journal.Journal }

func (j keepsNoEvents) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	p.Events = nil
	return j.Journal.KeepLive(ctx, c, p)
}

// keepsOldID leaves a part the id that it began with.
type keepsOldID struct{ journal.Journal }

func (j keepsOldID) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	p.Part.ID = "l"
	return j.Journal.KeepLive(ctx, c, p)
}

// keepsFenced keeps what comes with a claim that was lost, and says nothing.
type keepsFenced struct{ journal.Journal }

func (j keepsFenced) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	err := j.Journal.KeepLive(ctx, c, p)
	if errors.Is(err, journal.ErrFenced) {
		return nil
	}
	return err
}
