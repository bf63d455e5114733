package scheduler_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// A row that is being stored keeps its place in the queue: for the consumer that waits for
// it, or before those behind it.
func TestStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *scheduler.Scheduler[int64]){
		"a consumer that waits gets it when it is stored": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			got := next(t.Context(), s)
			e := s.Stage(ann)
			if !e.Assigned() || s.Stage(ann).Assigned() {
				t.Error("the first entry, and it alone, should be assigned")
			}
			waits(t, got)
			s.Confirm(e, row(ann, 1))
			expect(t, got, 1)
		},
		"a consumer waits on when it is not stored": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			got := next(t.Context(), s)
			s.Withdraw(s.Stage(ann))
			waits(t, got)
			s.Add(row(ann, 2))
			expect(t, got, 2)
		},
		"a consumer whose context has ended gets what it was chosen for": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			ctx, cancel := context.WithCancel(t.Context())
			got := next(ctx, s)
			e := s.Stage(ann)
			cancel()
			waits(t, got)
			s.Confirm(e, row(ann, 1))
			expect(t, got, 1)
		},
		"a consumer whose context has ended ends when it is not stored": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			ctx, cancel := context.WithCancel(t.Context())
			got := next(ctx, s)
			e := s.Stage(ann)
			cancel()
			s.Withdraw(e)
			if h, ok := <-got; ok {
				t.Errorf("Next returns %+v", h)
			}
		},
		"no consumer is chosen for a closed channel": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(scheduler.Unlimited("phone"))
			got := next(t.Context(), s)
			e := s.Stage(ann)
			if e.Assigned() {
				t.Error("it is assigned")
			}
			s.Confirm(e, row(ann, 1))
			waits(t, got)
			s.Open(scheduler.Unlimited("web"))
			expect(t, got, 1)
		},
		"those behind it wait until it is known": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			first, second := s.Stage(ann), s.Stage(ann)
			got := next(t.Context(), s)
			s.Confirm(second, row(ann, 2))
			waits(t, got)
			s.Replay(row(ann, 1))
			claim := expect(t, got, 1)
			got = next(t.Context(), s)
			s.Done(claim)
			waits(t, got)
			s.Withdraw(first)
			expect(t, got, 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := scheduler.New[int64](0)
				defer s.Close()
				test(t, s)
			})
		})
	}
}
