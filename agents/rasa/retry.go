package rasa

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	maxAttempts = 3
	// firstWait is short, because the caller waits too.
	firstWait = 200 * time.Millisecond
	// defaultRetryAfter is how long a caller shall wait when Rasa sent no Retry-After.
	defaultRetryAfter = time.Second
)

// retryableError is the failure of a message that has not reached Rasa (agents.NotReached),
// so that it may be sent again.
type retryableError struct {
	after time.Duration // at least
	err   *channels.Error
}

// Error returns the failure's text.
func (e *retryableError) Error() string { return e.err.Error() }

// backoff doubles from one attempt to the next. Half of it is random, so that the
// turns which failed together do not return together.
func (a *Agent) backoff(attempt int) time.Duration {
	d := float64(firstWait << (attempt - 1))
	return time.Duration(d/2 + d/2*a.random())
}

// leavesTime reports whether ctx leaves time to wait.
func leavesTime(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// sleep waits, or returns the error of ctx when that ends first.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

var _ error = (*retryableError)(nil)
