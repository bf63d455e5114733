package journaltest

import (
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

// acquireCall is a call of Acquire that goes on beside the test.
type acquireCall struct {
	*store
	lock journal.Lock
	err  error
	done chan struct{}
}

// wantBlocked checks that the call still waits.
func (c *acquireCall) wantBlocked() {
	c.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		c.Fatalf("Acquire returns, error %v; want it to wait", c.err)
	default:
	}
}

// wantLock checks that the call returned with the lock, and returns the lock's Release.
func (c *acquireCall) wantLock() func() {
	c.Helper()
	c.wantReturned(nil)
	return c.lock.Release
}

// wantReturned checks that the call returned, with the error; nil means with the lock.
func (c *acquireCall) wantReturned(want error) {
	c.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		c.wantErr("Acquire", c.err, want)
	default:
		c.Fatal("Acquire waits, want it to return")
	}
}
