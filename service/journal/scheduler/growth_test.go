package scheduler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// growing returns a row that is growing.
func growing(c channels.Conversation, number int64) scheduler.Row[int64] {
	r := row(c, number)
	r.Growing = true
	return r
}

// addAndClaim adds a row that is claimed at once.
func addAndClaim(t *testing.T, s *scheduler.Scheduler[int64], c channels.Conversation, number int64) journal.Claim {
	t.Helper()
	s.Add(row(c, number))
	return claim(t, s, number)
}

// wantGrowing checks which rows of a conversation are growing.
func wantGrowing(t *testing.T, s *scheduler.Scheduler[int64], c channels.Conversation, want ...int64) {
	t.Helper()
	if diff := cmp.Diff(want, s.Growing(c)); diff != "" {
		t.Errorf("growing (-want +got):\n%s", diff)
	}
}

// Growing rows keep their places and take no slots until they grow no more.
func TestGrowing(t *testing.T) {
	t.Parallel()
	web := func(n int64) channels.Conversation { return of("web", n) }
	for name, test := range map[string]func(*testing.T, *scheduler.Scheduler[int64]){
		"they come although no slot is free, in their places": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			addOn(s, "web", 1, 2)
			one := claim(t, s, 1)
			s.Add(growing(web(3), 3))
			s.Add(row(web(3), 4))
			three := claim(t, s, 3)
			got := next(t.Context(), s)
			waits(t, got)
			s.Done(three) // it gives back no slot
			waits(t, got)
			s.Done(one)
			s.Done(expect(t, got, 2))
			s.Done(claim(t, s, 4))
		},
		"one that is stored for a consumer that waits": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			one := addAndClaim(t, s, web(1), 1)
			got := next(t.Context(), s)
			if s.Stage(web(2)).Assigned() {
				t.Error("a row is assigned without a slot")
			}
			e := s.StageGrowing(web(3))
			if !e.Assigned() {
				t.Error("a growing row is not assigned")
			}
			s.Confirm(e, growing(web(3), 3))
			three := expect(t, got, 3)
			got = next(t.Context(), s)
			s.Withdraw(s.StageGrowing(web(4)))
			waits(t, got)
			s.Done(three)
			s.Done(one)
			waits(t, got)
			s.Add(row(web(5), 5))
			s.Done(expect(t, got, 5))
		},
		"one that grows no more while it waits needs a slot": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			one := addAndClaim(t, s, web(1), 1)
			s.Add(growing(web(2), 2))
			s.EndGrowth(web(2), 2)
			got := next(t.Context(), s)
			waits(t, got)
			s.Done(one)
			s.Done(expect(t, got, 2))
		},
		"one that grows no more while it is claimed takes none until then": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(growing(web(1), 1))
			one := claim(t, s, 1)
			s.EndGrowth(web(1), 1)
			two := addAndClaim(t, s, web(2), 2)
			s.Retry(one, time.Time{})
			got := next(t.Context(), s)
			waits(t, got)
			s.Done(two)
			s.Done(expect(t, got, 1))
		},
		"one that is put back grows on": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			one := addAndClaim(t, s, web(1), 1)
			s.Add(growing(web(2), 2))
			s.Retry(claim(t, s, 2), time.Time{})
			s.Done(claim(t, s, 2))
			s.Done(one)
		},
		"a closed channel gives out none": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			for _, limits := range []map[string]int{nil, {"phone": 1}, {"web": 0}} {
				s.Open(limits)
				got := next(t.Context(), s)
				s.Add(growing(web(1), 1))
				waits(t, got)
				s.Drop(web(1))
			}
			s.Open(map[string]int{"web": 1})
		},
		"a dropped one gives back no slot": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			one := addAndClaim(t, s, web(1), 1)
			s.Add(growing(web(2), 2))
			claim(t, s, 2)
			s.Drop(web(2))
			s.Add(row(web(3), 3))
			got := next(t.Context(), s)
			waits(t, got)
			s.Done(one)
			s.Done(expect(t, got, 3))
		},
		"they are known by their conversation": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			wantGrowing(t, s, ann)
			s.EndGrowth(ann, 1)
			s.Add(growing(ann, 1))
			s.Add(row(ann, 2))
			s.Add(growing(ann, 3))
			wantGrowing(t, s, ann, 1, 3)
			one := claim(t, s, 1)
			wantGrowing(t, s, ann, 1, 3)
			s.EndGrowth(ann, 1)
			wantGrowing(t, s, ann, 3)
			s.EndGrowth(ann, 9)
			wantGrowing(t, s, ann, 3)
			of, current := s.ConversationOf(one)
			if of != ann || !current {
				t.Errorf("the claim is of %+v, current %v", of, current)
			}
			s.Done(one)
			if _, current := s.ConversationOf(one); current {
				t.Error("a claim that ended is current")
			}
			s.Drop(ann)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := scheduler.New[int64](0)
				defer s.Close()
				s.Open(map[string]int{"web": 1})
				test(t, s)
			})
		})
	}
}
