package agents

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	maxAttempts = 3
	// firstWait is short, because the caller waits too.
	firstWait = 200 * time.Millisecond
	// DefaultRetryAfter is how long a caller shall wait when a peer sent no Retry-After.
	DefaultRetryAfter = time.Second
)

// RetryableError is the failure of a request that the peer has not seen, so that it may be sent
// again.
type RetryableError struct {
	// After is how long the peer asks to wait, 0 where it does not say.
	After time.Duration
	Err   *channels.Error
}

// Error returns the failure's text.
func (e *RetryableError) Error() string { return e.Err.Error() }

// Unwrap returns the failure.
func (e *RetryableError) Unwrap() error { return e.Err }

// Retries repeats a request within a turn.
type Retries struct {
	// Longest is the longest wait; a peer that asks for more is not asked again. 0 is no bound
	// but the turn's own.
	Longest time.Duration
	// Ended returns the error of a turn whose ctx has ended.
	Ended func(context.Context) error
}

// Do makes a request as long as it fails with a RetryableError, three times at most, and returns
// its error, which is marked by NotReached when it still fails so. It does not begin a wait that
// would outlast the turn: the caller can use the time.
func (r Retries) Do(ctx context.Context, request func() error) error {
	for attempt := 1; ; attempt++ {
		err := request()
		var retryable *RetryableError
		if !errors.As(err, &retryable) {
			return err
		}
		wait := max(backoff(attempt), retryable.After)
		if attempt == maxAttempts || !r.leavesTime(ctx, wait) {
			return NotReached(retryable.Err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return NotReached(r.Ended(ctx))
		}
	}
}

// leavesTime reports whether it is sensible to wait within the turn.
func (r Retries) leavesTime(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return (r.Longest == 0 || wait <= r.Longest) && (!ok || time.Until(deadline) > wait)
}

// backoff doubles from one attempt to the next. Half of it is random, so that the turns which
// failed together do not return together.
func backoff(attempt int) time.Duration {
	d := firstWait << (attempt - 1)
	return d/2 + rand.N(d/2) //nolint:gosec // no secret depends on it
}

var _ error = (*RetryableError)(nil)
