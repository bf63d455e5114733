package scheduler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

func TestWake(t *testing.T) {
	t.Parallel()
	bob := channels.Conversation{Channel: "web", Sender: "bob"}
	later := func(s *scheduler.Scheduler[int64], claim journal.Claim) { s.Retry(claim, time.Now().Add(time.Hour)) }
	for name, check := range map[string]func(t *testing.T, s *scheduler.Scheduler[int64]){
		"what waits is due": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			later(s, expect(t, next(t.Context(), s), 1))
			got := next(t.Context(), s)
			waits(t, got)
			s.Wake(ann)
			expect(t, got, 1)
		},
		"what is claimed is due when it is retried": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			claim := expect(t, next(t.Context(), s), 1)
			s.Wake(ann)
			later(s, claim)
			claim = expect(t, next(t.Context(), s), 1)
			later(s, claim) // this time nobody was woken
			waits(t, next(t.Context(), s))
			time.Sleep(time.Hour)
		},
		"what stands behind it is not woken": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			s.Add(row(ann, 2))
			claim := expect(t, next(t.Context(), s), 1)
			s.Wake(ann)
			s.Done(claim)
			later(s, expect(t, next(t.Context(), s), 2))
			waits(t, next(t.Context(), s))
			time.Sleep(time.Hour)
		},
		"others sleep on": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			later(s, expect(t, next(t.Context(), s), 1))
			s.Wake(bob)
			waits(t, next(t.Context(), s))
			time.Sleep(time.Hour)
		},
		"a closed channel stays closed": func(t *testing.T, s *scheduler.Scheduler[int64]) {
			later(s, expect(t, next(t.Context(), s), 1))
			s.Open(scheduler.Unlimited())
			s.Wake(ann)
			got := next(t.Context(), s)
			waits(t, got)
			s.Open(scheduler.Unlimited("web"))
			expect(t, got, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := scheduler.New[int64](0)
				s.Add(row(ann, 1))
				check(t, s)
				s.Close()
			})
		})
	}
}
