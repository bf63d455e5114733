package worker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// queue is a table of numbered rows. Next hands them out and then waits.
type queue struct {
	rows int64
	next atomic.Int64
}

func (q *queue) Next(ctx context.Context) (int64, error) {
	if n := q.next.Add(1); n <= q.rows {
		return n, nil
	}
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestPoolRespectsConcurrent(t *testing.T) {
	t.Parallel()
	for _, concurrent := range []int{1, 3, 100} {
		t.Run(fmt.Sprint(concurrent), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var running, most, done atomic.Int64
				q := &queue{rows: 200}
				pool := worker.Pool[int64]{
					Next: q.Next, Slots: worker.NewSlots(concurrent), Log: slog.New(slog.DiscardHandler),
					Work: func(int64) {
						if n := running.Add(1); n > most.Load() {
							most.Store(n)
						}
						time.Sleep(time.Second)
						running.Add(-1)
						done.Add(1)
					},
				}
				ended := make(chan struct{})
				go func() { pool.Run(ctx); close(ended) }()
				time.Sleep(time.Hour)
				cancel()
				<-ended
				if done.Load() != q.rows || int(most.Load()) != concurrent {
					t.Errorf("%d rows are done, want %d; %d at once, want %d", done.Load(), q.rows, most.Load(), concurrent)
				}
			})
		})
	}
}

// A bound that changes holds for the next rows.
func TestPoolFollowsItsSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var running atomic.Int64
		q, slots := &queue{rows: 1000}, worker.NewSlots(1)
		pool := worker.Pool[int64]{Next: q.Next, Slots: slots, Log: slog.New(slog.DiscardHandler), Work: func(int64) {
			running.Add(1)
			time.Sleep(time.Second)
			running.Add(-1)
		}}
		ended := make(chan struct{})
		go func() { pool.Run(ctx); close(ended) }()
		for _, limit := range []int{40, 2, 0, 1} {
			slots.SetLimit(limit)
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
			if n := int(running.Load()); n != limit {
				t.Errorf("%d at once, want %d", n, limit)
			}
		}
		cancel()
		<-ended
	})
}

// Run returns only when the rows that were fetched are done, and fetches no more.
func TestPoolWaitsForItsWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var done atomic.Int64
		q := &queue{rows: 1000}
		pool := worker.Pool[int64]{
			Next: q.Next, Work: func(int64) { time.Sleep(time.Minute); done.Add(1) }, Slots: worker.NewSlots(5), Log: slog.New(slog.DiscardHandler),
		}
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		pool.Run(ctx)
		if took := time.Since(began); took != time.Minute || done.Load() != 5 {
			t.Errorf("%d rows are done after %v, want 5 after a minute", done.Load(), took)
		}
	})
}

// A journal that fails is asked again after a pause; one that is closed ends the pool.
func TestPoolWithAFailingJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, done := 0, 0
		pool := worker.Pool[int64]{
			Slots: worker.NewSlots(1), Log: slog.New(slog.DiscardHandler), Work: func(int64) { done++ },
			Next: func(context.Context) (int64, error) {
				switch calls++; calls {
				case 1, 2:
					return 0, errors.New("disk full")
				case 3:
					return 1, nil
				}
				return 0, journal.ErrClosed
			},
		}
		began := time.Now()
		pool.Run(t.Context())
		if took := time.Since(began); took != 2*time.Second || calls != 4 || done != 1 {
			t.Errorf("%d calls in %v, %d rows done; want 4 calls in 2s, 1 row", calls, took, done)
		}
	})
}
