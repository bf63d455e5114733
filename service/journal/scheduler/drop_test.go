package scheduler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// A conversation that is dropped has no rows and no claims, and its queue goes on.
func TestDrop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *scheduler.Scheduler[int64]){
		"rows that wait": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(row(ann, 1))
			s.Add(row(ann, 2))
			drop(t, s, 2)
			got := next(t.Context(), s)
			waits(t, got)
			s.Add(row(ann, 3))
			s.Done(expect(t, got, 3))
		},
		"no rows": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			drop(t, s, 0)
			s.Add(row(bob, 1))
			drop(t, s, 0)
			s.Done(expect(t, next(t.Context(), s), 1))
		},
		"rows of a channel that is not open": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(scheduler.Unlimited("phone"))
			s.Add(row(ann, 1))
			drop(t, s, 1)
			s.Open(scheduler.Unlimited("web"))
			got := next(t.Context(), s)
			waits(t, got)
			s.Add(row(ann, 2))
			s.Done(expect(t, got, 2))
		},
		"a claim": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(row(ann, 1))
			s.Add(row(ann, 2))
			old := expect(t, next(t.Context(), s), 1)
			drop(t, s, 2)
			s.Add(row(ann, 3))
			current := expect(t, next(t.Context(), s), 3)
			s.Done(old)
			s.Retry(old, time.Now())
			if s.IsCurrent(old) || !s.IsCurrent(current) {
				t.Errorf("old claim held: %v, current: %v", s.IsCurrent(old), s.IsCurrent(current))
			}
			s.Done(current)
		},
		"a head that is due later": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(row(ann, 1))
			s.Retry(expect(t, next(t.Context(), s), 1), time.Now().Add(time.Hour))
			s.Add(row(bob, 2))
			s.Retry(expect(t, next(t.Context(), s), 2), time.Now().Add(2*time.Hour))
			drop(t, s, 1)
			got := next(t.Context(), s)
			time.Sleep(time.Hour)
			waits(t, got)
			time.Sleep(time.Hour)
			s.Done(expect(t, got, 2))
		},
		"rows before callers, who stay": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(row(ann, 1))
			one := acquire(t, s, ann)
			s.Add(row(ann, 2))
			two := acquire(t, s, ann)
			drop(t, s, 2)
			lock := <-one
			s.Add(row(ann, 3))
			got := next(t.Context(), s)
			synctest.Wait()
			if len(two) > 0 {
				t.Error("two callers have the lock")
			}
			drop(t, s, 1)
			lock.Release()
			(<-two).Release()
			waits(t, got)
			s.Add(row(ann, 4))
			s.Done(expect(t, got, 4))
		},
		"not a row that is being stored": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(row(ann, 1))
			e := s.Stage(ann)
			drop(t, s, 1)
			got := next(t.Context(), s)
			waits(t, got)
			s.Confirm(e, row(ann, 2))
			s.Done(expect(t, got, 2))
		},
		"not a row that is being stored and assigned": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			got := next(t.Context(), s)
			e := s.Stage(ann)
			drop(t, s, 0)
			s.Confirm(e, row(ann, 1))
			s.Done(expect(t, got, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := scheduler.New[int64](0)
				defer s.Close()
				test(t, s)
				if retained := s.Retained(); retained != 0 {
					t.Errorf("the scheduler keeps %d things", retained)
				}
			})
		})
	}
}

// drop drops ann's rows.
func drop(t *testing.T, s *scheduler.Scheduler[int64], want int) {
	t.Helper()
	if n := s.Drop(ann); n != want {
		t.Fatalf("%d rows are dropped, want %d", n, want)
	}
}

// acquire starts a call of Acquire and returns when the call waits or has returned.
func acquire(t *testing.T, s *scheduler.Scheduler[int64], c channels.Conversation) <-chan journal.Lock {
	got := make(chan journal.Lock, 1)
	go func() {
		if lock, err := s.Acquire(t.Context(), c, 9); err == nil {
			got <- lock
		}
	}()
	synctest.Wait()
	return got
}
