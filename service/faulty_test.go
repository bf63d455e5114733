package service_test

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// faulty is a journal of which single calls fail. A nil function fails none. It reports
// each commit to health, as a store does.
type faulty struct {
	journal.Journal
	health                      instance.JournalHealth
	mu                          sync.Mutex
	enqueue, settle, settlePart func() error
	begin, settleAsk            func() error
}

func newFaulty() *faulty { return &faulty{Journal: memory.Open()} }

// fail sets what fails from now on.
func (f *faulty) fail(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *faulty) ask(which func() func() error) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault := which(); fault != nil {
		err = fault()
	}
	f.health.Committed(err)
	return err
}

func (f *faulty) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	if err := f.ask(func() func() error { return f.enqueue }); err != nil {
		return nil, err
	}
	return f.Journal.Enqueue(ctx, es...)
}

func (f *faulty) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	if err := f.ask(func() func() error { return f.settle }); err != nil {
		return err
	}
	return f.Journal.Settle(ctx, c, s)
}

func (f *faulty) SettlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome) error {
	if err := f.ask(func() func() error { return f.settlePart }); err != nil {
		return err
	}
	return f.Journal.SettlePart(ctx, c, o)
}

func (f *faulty) Begin(
	ctx context.Context, seat journal.Lock, e journal.Entry, digest []byte,
) (journal.Asked, *journal.Known, error) {
	if err := f.ask(func() func() error { return f.begin }); err != nil {
		return journal.Asked{}, nil, err
	}
	return f.Journal.Begin(ctx, seat, e, digest)
}

func (f *faulty) SettleAsk(ctx context.Context, a journal.Asked, s journal.Step) error {
	if err := f.ask(func() func() error { return f.settleAsk }); err != nil {
		return err
	}
	return f.Journal.SettleAsk(ctx, a, s)
}

var _ journal.Journal = (*faulty)(nil)
