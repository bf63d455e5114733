package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

const (
	// fetchers is how many goroutines wait for rows at once, so that the journal can
	// commit their claims together.
	fetchers = 16
	// fetchPause is how long a fetcher waits when the journal fails.
	fetchPause = time.Second
)

// Pool works on the rows of one table.
type Pool[T any] struct {
	// Next waits for a row and returns it claimed, as journal.Inbox's Next does.
	Next func(context.Context) (T, error)
	// Work works on a row and settles it.
	Work func(T)
	// Slots bound how many rows are worked on at once.
	Slots *Slots
	Log   *slog.Logger
}

// Run fetches rows until ctx ends or the journal is closed, and returns once all work is
// done.
func (p Pool[T]) Run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var fetching, working sync.WaitGroup
	for n := range fetchers {
		fetching.Go(func() {
			for p.Slots.acquire(ctx, n) {
				row, err := p.Next(ctx)
				if err != nil {
					p.Slots.release()
					if !p.pauseAfter(ctx, err) {
						stop()
						return
					}
					continue
				}
				working.Go(func() {
					defer p.Slots.release()
					p.Work(row)
				})
			}
		})
	}
	fetching.Wait()
	working.Wait()
}

// pauseAfter reports whether to fetch again after an error of the journal.
func (p Pool[T]) pauseAfter(ctx context.Context, err error) bool {
	if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
		return false
	}
	p.Log.Error("journal", "error", err)
	return Sleep(ctx, fetchPause) == nil
}
