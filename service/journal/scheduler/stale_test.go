package scheduler_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// young returns a row that is stored now.
func young(c channels.Conversation, number int64) scheduler.Row[int64] {
	r := row(c, number)
	r.Stored = time.Now()
	return r
}

// take takes the rows that are older than an hour, which must be these.
func take(t *testing.T, s *scheduler.Scheduler[int64], want ...int64) *scheduler.Stale[int64] {
	t.Helper()
	stale := s.TakeStale(time.Hour, 9)
	var got []int64
	for _, r := range stale.Rows() {
		got = append(got, r.Number)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("taken (-want +got):\n%s", diff)
	}
	return stale
}

// grow lets an hour pass.
func grow() { time.Sleep(time.Hour + time.Second) }

// Rows that are taken for their age keep their places and are given to nobody.
func TestTakeStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *scheduler.Scheduler[int64]){
		"young ones are not taken": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			take(t, s)
			s.Add(young(ann, 1))
			time.Sleep(time.Hour)
			take(t, s)
			time.Sleep(time.Second)
			take(t, s, 1).Done()
		},
		"nobody gets them until they are returned": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(young(ann, 1))
			s.Add(young(ann, 2))
			grow()
			stale := take(t, s, 1, 2)
			got := next(t.Context(), s)
			s.Add(young(ann, 3))
			waits(t, got)
			take(t, s)
			stale.Return()
			one := expect(t, got, 1)
			s.Done(one)
			s.Done(expect(t, next(t.Context(), s), 2))
			s.Done(expect(t, next(t.Context(), s), 3))
		},
		"those behind them come when they are done": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(young(ann, 1))
			grow()
			s.Add(young(ann, 2))
			stale := take(t, s, 1)
			got := next(t.Context(), s)
			waits(t, got)
			stale.Done()
			s.Done(expect(t, got, 2))
		},
		"a claimed one is not taken before it is returned": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(young(ann, 1))
			s.Add(young(ann, 2))
			c := expect(t, next(t.Context(), s), 1)
			grow()
			take(t, s, 2).Done()
			s.Retry(c, time.Now().Add(time.Minute))
			take(t, s, 1).Done()
		},
		"delayed, closed and ready ones are taken": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1, "phone": 0})
			s.Add(young(of("phone", 1), 1))
			s.Add(young(of("mail", 2), 2))
			s.Add(young(ann, 3))
			s.Retry(expect(t, next(t.Context(), s), 3), time.Now().Add(9*time.Hour))
			s.Add(young(bob, 4))
			s.Add(young(of("web", 5), 5))
			grow()
			take(t, s, 1, 2, 3, 4, 5).Done()
			s.Open(scheduler.Unlimited("web", "phone", "mail"))
			waits(t, next(t.Context(), s))
			time.Sleep(9 * time.Hour)
		},
		"batches take each conversation in its order": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			for n := range int64(9) {
				s.Add(young(of("web", n%2), n))
			}
			grow()
			taken := map[int64][]int64{}
			for {
				stale := s.TakeStale(time.Hour, 2)
				if len(stale.Rows()) == 0 {
					break
				}
				for _, r := range stale.Rows() {
					taken[r.Number%2] = append(taken[r.Number%2], r.Number)
				}
				stale.Done()
			}
			if !slices.IsSorted(taken[0]) || !slices.IsSorted(taken[1]) || len(taken[0])+len(taken[1]) != 9 {
				t.Errorf("taken in this order: %v", taken)
			}
		},
		"what is dropped meanwhile is gone": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(young(ann, 1))
			grow()
			for _, end := range []func(*scheduler.Stale[int64]){(*scheduler.Stale[int64]).Done, (*scheduler.Stale[int64]).Return} {
				stale := s.TakeStale(time.Hour, 9)
				s.Drop(ann)
				end(stale)
				s.Add(young(ann, 2))
				s.Done(expect(t, next(t.Context(), s), 2))
				s.Add(young(ann, 1))
				grow()
			}
			take(t, s, 1).Done()
		},
		"Wake does not give them out": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(young(ann, 1))
			grow()
			stale := take(t, s, 1)
			got := next(t.Context(), s)
			s.Wake(ann)
			waits(t, got)
			stale.Return()
			s.Done(expect(t, got, 1))
		},
		"what is replayed is young, and goes before what is taken": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(young(ann, 2))
			grow()
			stale := take(t, s, 2)
			s.Replay(young(ann, 1))
			s.Done(expect(t, next(t.Context(), s), 1))
			stale.Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := scheduler.New[int64](0)
				defer s.Close()
				test(t, s)
				if s.Len() != 0 {
					t.Errorf("%d rows are counted at the end", s.Len())
				}
			})
		})
	}
}

// A caller of Acquire behind a row that is taken keeps its place.
func TestTakeStaleBeforeCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := scheduler.New[int64](0)
		defer s.Close()
		s.Add(young(ann, 1))
		behind := acquire(t, s, ann)
		grow()
		stale := take(t, s, 1)
		s.Add(young(ann, 2))
		synctest.Wait()
		if len(behind) > 0 {
			t.Fatal("the caller has the lock before it is known what becomes of the row")
		}
		stale.Return()
		s.Done(expect(t, next(t.Context(), s), 1))
		(<-behind).Release()
		s.Done(expect(t, next(t.Context(), s), 2))
	})
}
