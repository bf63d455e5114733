package servicetest

import (
	"context"
	"errors"
	"sync"

	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// FaultyJournal is a journal of which single calls fail. It reports the outcome of each of
// these calls to Health, as a store does.
type FaultyJournal struct {
	journal.Journal
	Health instance.JournalHealth

	// A call fails when its function returns an error; nil never fails. Once the journal is
	// in use, Set must be used to change them.
	OnEnqueue, OnSettle, OnSettlePart func() error
	OnKeepLive                        func() error
	OnBegin, OnSettleAsk              func() error

	mu sync.Mutex // guards the functions
}

// NewFaultyJournal returns a journal in memory of which no call fails yet.
func NewFaultyJournal() *FaultyJournal { return &FaultyJournal{Journal: memory.Open()} }

// Set changes the functions while the journal is in use.
func (f *FaultyJournal) Set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// commit calls the function that which returns, and reports its error.
func (f *FaultyJournal) commit(which func() func() error) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fail := which(); fail != nil {
		err = fail()
	}
	f.Health.Committed(err)
	return err
}

// Enqueue fails as OnEnqueue does.
func (f *FaultyJournal) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	if err := f.commit(func() func() error { return f.OnEnqueue }); err != nil {
		return nil, err
	}
	return f.Journal.Enqueue(ctx, es...)
}

// Settle fails as OnSettle does.
func (f *FaultyJournal) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if err := f.commit(func() func() error { return f.OnSettle }); err != nil {
		return err
	}
	return f.Journal.Settle(ctx, c, s)
}

// SettlePart fails as OnSettlePart does.
func (f *FaultyJournal) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	if err := f.commit(func() func() error { return f.OnSettlePart }); err != nil {
		return err
	}
	return f.Journal.SettlePart(ctx, c, o)
}

// KeepLive fails as OnKeepLive does.
func (f *FaultyJournal) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	if err := f.commit(func() func() error { return f.OnKeepLive }); err != nil {
		return err
	}
	return f.Journal.KeepLive(ctx, c, p)
}

// Begin fails as OnBegin does.
func (f *FaultyJournal) Begin(
	ctx context.Context, l journal.Lock, e journal.Entry, digest []byte,
) (journal.Asked, *journal.Known, error) {
	if err := f.commit(func() func() error { return f.OnBegin }); err != nil {
		return journal.Asked{}, nil, err
	}
	return f.Journal.Begin(ctx, l, e, digest)
}

// SettleAsk fails as OnSettleAsk does.
func (f *FaultyJournal) SettleAsk(ctx context.Context, a journal.Asked, s journal.Step) error {
	if err := f.commit(func() func() error { return f.OnSettleAsk }); err != nil {
		return err
	}
	return f.Journal.SettleAsk(ctx, a, s)
}

// FailIf returns an error when fails is true.
func FailIf(fails bool) error {
	if fails {
		return errors.New("disk full")
	}
	return nil
}

var _ journal.Journal = (*FaultyJournal)(nil)
