package worker_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/worker"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempt        int
		first, longest time.Duration
		most           time.Duration // the pause is between half of it and it
	}{
		{1, time.Second, time.Minute, time.Second},
		{2, time.Second, time.Minute, 2 * time.Second},
		{6, time.Second, time.Minute, 32 * time.Second},
		{7, time.Second, time.Minute, time.Minute},
		{1, time.Minute, time.Second, time.Second},
		{17, time.Hour, 24 * time.Hour, 24 * time.Hour},
		{64, time.Second, time.Minute, time.Minute}, // 1 s shifted by 63 is no duration
		{1_000_000, time.Second, time.Minute, time.Minute},
	} {
		t.Run(fmt.Sprintf("attempt %d, %v to %v", c.attempt, c.first, c.longest), func(t *testing.T) {
			t.Parallel()
			pauses := map[time.Duration]bool{}
			for range 100 {
				pause := worker.Backoff(c.attempt, c.first, c.longest)
				pauses[pause] = true
				if pause < c.most/2 || pause > c.most {
					t.Errorf("pause %v, want %v to %v", pause, c.most/2, c.most)
				}
			}
			if len(pauses) < 2 {
				t.Error("the pause is not random")
			}
		})
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		limit time.Duration // of ctx
		took  time.Duration
		err   error
	}{
		{"to the end", time.Hour, time.Minute, nil},
		{"until ctx ends", time.Second, time.Second, context.DeadlineExceeded},
		{"ctx has ended before", 0, 0, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.limit)
				defer cancel()
				began := time.Now()
				if err := worker.Sleep(ctx, time.Minute); !errors.Is(err, c.err) || time.Since(began) != c.took {
					t.Errorf("%v after %v, want %v after %v", err, time.Since(began), c.err, c.took)
				}
			})
		})
	}
}
