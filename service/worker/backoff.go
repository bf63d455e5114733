package worker

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff returns the pause after a failed attempt, counted from 1. It doubles from
// first up to longest, and half of it is random, so that what failed together does not
// return together.
func Backoff(attempt int, first, longest time.Duration) time.Duration {
	d := LeastBackoff(attempt, first, longest)
	return d + rand.N(d) //nolint:gosec // jitter needs no secrecy
}

// LeastBackoff returns the shortest pause that Backoff may return.
func LeastBackoff(attempt int, first, longest time.Duration) time.Duration {
	d := longest
	if shift := attempt - 1; shift < 16 {
		d = min(first<<shift, longest)
	}
	return d / 2
}

// Sleep waits, or fails with ctx's error when ctx ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
