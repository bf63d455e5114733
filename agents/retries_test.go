package agents_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	full := &channels.Error{Code: channels.CodeOverloaded, Message: "full"}
	ended := errors.New("ended")
	for _, c := range []struct {
		name       string
		err        error
		after      time.Duration
		longest    time.Duration
		timeout    time.Duration
		requests   int
		low, high  time.Duration
		want       error
		notReached bool
	}{
		{name: "success", requests: 1},
		{name: "another failure", err: ended, requests: 1, want: ended},
		{name: "full", err: full, requests: 3, low: 300 * time.Millisecond, high: 600 * time.Millisecond, want: full, notReached: true},
		{name: "asks to wait", err: full, after: 5 * time.Second, requests: 3, low: 10 * time.Second, high: 10 * time.Second, want: full, notReached: true},
		{name: "for longer than we do", err: full, after: 5 * time.Second, longest: time.Second, requests: 1, want: full, notReached: true},
		{name: "for longer than the turn", err: full, after: 5 * time.Second, timeout: 5 * time.Second, requests: 1, want: full, notReached: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if c.timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.timeout)
				defer cancel()
			}
			began, requests := time.Now(), 0
			err := agents.Retries{Longest: c.longest, Ended: context.Cause}.Do(ctx, func() error {
				requests++
				if errors.Is(c.err, full) {
					return &agents.RetryableError{After: c.after, Err: full}
				}
				return c.err
			})
			if took := time.Since(began); requests != c.requests || took < c.low || took > c.high {
				t.Errorf("%s: %d requests in %v", c.name, requests, took)
			}
			if !errors.Is(err, c.want) || agents.IsNotReached(err) != c.notReached {
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
}

// A turn that ends while it waits has not reached the peer.
func TestRetriesEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := agents.Retries{Ended: context.Cause}.Do(ctx, func() error {
			return &agents.RetryableError{After: time.Minute, Err: &channels.Error{Code: channels.CodeOverloaded}}
		})
		if !errors.Is(err, context.Canceled) || !agents.IsNotReached(err) {
			t.Errorf("%v", err)
		}
	})
}
