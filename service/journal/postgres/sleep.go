package postgres

import (
	"context"
	"time"
)

// sleep waits for d and reports whether it did: it returns early when ctx ends or end is
// closed.
func sleep(ctx context.Context, d time.Duration, end <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-end:
	}
	return false
}
