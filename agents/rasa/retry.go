package rasa

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	maxAttempts = 3
	// firstWait is short, because somebody is waiting too.
	firstWait = 200 * time.Millisecond
	// tryLater is what a caller is told to wait when Rasa gave no Retry-After.
	tryLater = time.Second
	// longestWait keeps a Retry-After within what a Duration can hold.
	longestWait = 24 * time.Hour
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

// retryAfter reads the header in both of its forms; 0 when there is none.
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(0, seconds), int(longestWait.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, time.Until(at)), longestWait)
	}
	return 0
}

var _ error = (*turnedAway)(nil)
