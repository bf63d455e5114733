package openai

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	maxAttempts = 3
	// firstWait is short, because the caller waits too.
	firstWait = 200 * time.Millisecond
	// longestWait is the longest Retry-After that is waited for within the turn.
	longestWait = 10 * time.Second
	// defaultRetryAfter is how long a caller shall wait when the server sent no Retry-After.
	defaultRetryAfter = time.Second
	// mendTime is how long it takes at least until somebody has seen to an account.
	mendTime = 30 * time.Second
)

// retryableError is the failure of a request that the model has not seen (agents.NotReached),
// so that it may be sent again.
type retryableError struct {
	after time.Duration // at least
	err   *channels.Error
}

// Error returns the failure's text.
func (e *retryableError) Error() string { return e.err.Error() }

// backoff doubles from one attempt to the next. Half of it is random, so that the turns which
// failed together do not return together.
func (a *Agent) backoff(attempt int) time.Duration {
	d := float64(firstWait << (attempt - 1))
	return time.Duration(d/2 + d/2*a.random())
}

// leavesTime reports whether it is sensible to wait within the turn.
func leavesTime(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return wait <= longestWait && (!ok || time.Until(deadline) > wait)
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
