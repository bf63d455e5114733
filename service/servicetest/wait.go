package servicetest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Timeout is how long a program of a test may take to stop.
const Timeout = 10 * time.Second

// hangs bounds the wait for what must happen: only a test that fails waits so long.
const hangs = 2 * time.Minute

// CommitPause is longer than the service waits for more replies of a turn before it
// commits those it has.
const CommitPause = time.Second

// Context returns a context that ends when the test hangs.
func Context(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), hangs)
	t.Cleanup(cancel)
	return ctx
}

// Await receives from a channel, or fails the test when it hangs.
func Await[T any](t *testing.T, what string, signal <-chan T) T {
	t.Helper()
	select {
	case v := <-signal:
		return v
	case <-Context(t).Done():
		t.Fatalf("no sign of %s", what)
		panic("unreachable")
	}
}

// Advance lets time pass in a bubble, and waits until all that is due then has happened.
func Advance(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
