package scheduler_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// of returns the conversation with the n-th sender of a channel.
func of(channel string, n int64) channels.Conversation {
	return channels.Conversation{Channel: channel, Sender: strconv.FormatInt(n, 10)}
}

// addOn adds rows of different conversations of a channel, by their numbers.
func addOn(s *scheduler.Scheduler[int64], channel string, numbers ...int64) {
	for _, n := range numbers {
		s.Add(row(of(channel, n), n))
	}
}

// claim claims the next row, which must be this one.
func claim(t *testing.T, s *scheduler.Scheduler[int64], want int64) journal.Claim {
	t.Helper()
	return expect(t, next(t.Context(), s), want)
}

// A channel has no more rows claimed at once than it has slots, and its queues get them in
// the order in which they became ready.
func TestSlots(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *scheduler.Scheduler[int64]){
		"one channel does not delay another": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"hung": 2, "phone": 1})
			addOn(s, "hung", 1, 2, 3, 4)
			claim(t, s, 1)
			claim(t, s, 2)
			got := next(t.Context(), s)
			waits(t, got)
			addOn(s, "phone", 5)
			expect(t, got, 5)
		},
		"those of another channel that stand behind it come": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"hung": 1, "phone": 1})
			addOn(s, "hung", 1, 2, 3)
			addOn(s, "phone", 4)
			claim(t, s, 1)
			claim(t, s, 4)
		},
		"the queue that waits longest gets the slot": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			addOn(s, "web", 1, 2, 3)
			for n := range int64(3) {
				s.Done(claim(t, s, n+1))
			}
		},
		"one that was ready first is not overtaken by one that was put aside first": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			addOn(s, "web", 1, 2) // both are ready, as nobody asks
			first := claim(t, s, 1)
			addOn(s, "web", 3) // put aside
			got := next(t.Context(), s)
			waits(t, got) // 2 is put aside too
			s.Done(first)
			s.Done(expect(t, got, 2))
			claim(t, s, 3)
		},
		"a lowered limit leaves claims and gives out nothing above it": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 2})
			addOn(s, "web", 1, 2, 3)
			one, two := claim(t, s, 1), claim(t, s, 2)
			s.Open(map[string]int{"web": 1})
			got := next(t.Context(), s)
			s.Done(one)
			waits(t, got)
			if !s.IsCurrent(two) {
				t.Error("the claim is lost")
			}
			s.Done(two)
			expect(t, got, 3)
		},
		"a raised limit gives out at once, in order": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			addOn(s, "web", 1, 2, 3, 4)
			claim(t, s, 1)
			got := next(t.Context(), s)
			waits(t, got)
			s.Open(map[string]int{"web": 3})
			expect(t, got, 2)
			claim(t, s, 3)
			waits(t, next(t.Context(), s))
		},
		"a retry frees the slot, and is due behind the others": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			addOn(s, "web", 1, 2)
			s.Retry(claim(t, s, 1), time.Time{})
			s.Done(claim(t, s, 2))
			claim(t, s, 1)
		},
		"a dropped conversation frees its slot": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			addOn(s, "web", 1, 2)
			claim(t, s, 1)
			got := next(t.Context(), s)
			waits(t, got)
			s.Drop(of("web", 1))
			expect(t, got, 2)
		},
		"a row that is assigned while it is stored has a slot": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			got := next(t.Context(), s)
			e := s.Stage(of("web", 1))
			if !e.Assigned() || s.Stage(of("web", 2)).Assigned() {
				t.Error("the first alone should be assigned")
			}
			s.Withdraw(e)
			waits(t, got)
			addOn(s, "web", 3)
			expect(t, got, 3)
		},
		"a dropped queue that waits for a slot gets none": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Open(map[string]int{"web": 1})
			addOn(s, "web", 1, 2, 3)
			first := claim(t, s, 1)
			got := next(t.Context(), s)
			waits(t, got)
			s.Drop(of("web", 2))
			s.Done(first)
			expect(t, got, 3)
		},
		"no slot, and no channel, is nothing": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			addOn(s, "web", 1)
			for _, limits := range []map[string]int{{"web": 0}, {}, nil} {
				s.Open(limits)
				waits(t, next(t.Context(), s))
			}
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

// However claims come and go, nothing of what is gone is kept.
func TestSlotsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := scheduler.New[int64](0)
		defer s.Close()
		s.Open(map[string]int{"web": 2, "phone": 1})
		for n := range int64(30) {
			addOn(s, []string{"web", "phone"}[n%2], n)
		}
		for range 30 {
			c, err := s.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s.Done(c.Claim)
		}
		if retained := s.Retained(); retained != 0 {
			t.Errorf("the scheduler keeps %d things", retained)
		}
	})
}
