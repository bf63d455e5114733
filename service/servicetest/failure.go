package servicetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Always is more attempts than any test makes.
const Always = 1 << 30

// FailSends returns an OnSend that fails the first calls of a part with the text "one".
func FailSends(times int, err error) func(context.Context, channels.Part, int) error {
	return func(_ context.Context, p channels.Part, n int) error {
		if p.Reply.Text == Private+"one" && n <= times {
			return err
		}
		return nil
	}
}

// SendFailure returns the error of a platform, of a class.
func SendFailure(c channels.SendClass) error {
	return &channels.SendError{Class: c, Err: errors.New("status 000")}
}

// Throttled returns the error of a platform that asks for a pause.
func Throttled(d time.Duration, s channels.SendScope) error {
	return &channels.SendError{Class: channels.SendThrottled, RetryAfter: d, Scope: s}
}

// CheckPauses checks that each pause between attempts, less the time of the attempt, is
// between half of what is wanted and all of it.
func CheckPauses(t *testing.T, at []time.Time, took time.Duration, want ...time.Duration) {
	t.Helper()
	if len(at) != len(want)+1 {
		t.Fatalf("%d calls, want %d", len(at), len(want)+1)
	}
	for i, w := range want {
		if got := at[i+1].Sub(at[i]) - took; got < w/2 || got > w {
			t.Errorf("pause %d is %v, want %v to %v", i+1, got, w/2, w)
		}
	}
}
