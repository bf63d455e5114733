package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

const (
	// fetchers wait for work at once, so that the journal can commit their claims
	// together.
	fetchers = 16
	// storePause is how long a loop waits when the journal fails, and a row that
	// cannot be settled at first.
	storePause     = time.Second
	mostStorePause = 10 * time.Second
)

// consume fetches rows with next and hands each to work, of which at most most run
// at once. It returns when ctx has ended and all work is done.
func consume[T any](ctx context.Context, s *Service, most int, next func(context.Context) (T, error), work func(T)) {
	slots := make(chan struct{}, most)
	var fetching, working sync.WaitGroup
	for range min(fetchers, most) {
		fetching.Go(func() {
			for {
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					return
				}
				row, err := next(ctx)
				if err != nil {
					<-slots
					if !s.pauseAfter(ctx, err) {
						return
					}
					continue
				}
				working.Go(func() {
					defer func() { <-slots }()
					work(row)
				})
			}
		})
	}
	fetching.Wait()
	working.Wait()
}

// settle commits how the work on a claimed row ended, also while the program is ending.
// When the journal fails it tries again, since nothing behind the row is worked on
// before. It gives up when the claim is lost, and when ctx has ended: then the row is
// given out again after the next start.
func (s *Service) settle(ctx context.Context, commit func(context.Context) error) error {
	for pause := storePause; ; pause = min(2*pause, mostStorePause) {
		err := commit(context.WithoutCancel(ctx))
		if err == nil || errors.Is(err, journal.ErrFenced) || errors.Is(err, journal.ErrClosed) || ctx.Err() != nil {
			return err
		}
		if pause == storePause { // once for each row says enough
			s.log.Error("journal", "error", err)
		}
		_ = sleep(ctx, pause) // one more attempt follows in any case
	}
}

// pauseAfter reports whether it makes sense to go on after an error of the journal.
func (s *Service) pauseAfter(ctx context.Context, err error) bool {
	if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
		return false
	}
	s.log.Error("journal", "error", err)
	return sleep(ctx, storePause) == nil
}

// sleep waits, or fails when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
