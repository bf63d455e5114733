package rasa

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	maxAttempts = 3
	// firstWait is short, because somebody is waiting too.
	firstWait = 200 * time.Millisecond
	// tryLater is what a caller is told to wait when Rasa gave no Retry-After.
	tryLater = time.Second
)

// turnedAway is the failure of a message that Rasa has surely not worked on, so
// that it may be sent again.
type turnedAway struct {
	after time.Duration // at least
	err   *channels.Error
}

// Error returns the failure's text.
func (t *turnedAway) Error() string { return t.err.Error() }

// backoff doubles from one attempt to the next. Half of it is random, so that the
// turns which failed together do not return together.
func (a *Agent) backoff(attempt int) time.Duration {
	d := float64(firstWait << (attempt - 1))
	return time.Duration(d/2 + d/2*a.random())
}

// fits reports whether ctx leaves time to wait.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// pause waits, or returns the error of ctx when that ends first.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return over(ctx)
	}
}

var _ error = (*turnedAway)(nil)
