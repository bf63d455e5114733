package scheduler

import "github.com/manyvox/manyvox/service/journal"

// closeSignal is closed when the scheduler is, and ends all calls that wait.
type closeSignal chan struct{}

func (c closeSignal) isClosed() bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// waitError returns why a call may not wait: the scheduler is closed, or the error of its
// context, which the caller passes.
func (c closeSignal) waitError(ofContext error) error {
	if c.isClosed() {
		return journal.ErrClosed
	}
	return ofContext
}
