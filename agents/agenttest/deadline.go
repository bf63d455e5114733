package agenttest

import (
	"context"
	"sync"
	"time"
)

// deadline is a context whose deadline passes when the check says so, and not with time.
type deadline struct {
	context.Context
	once   sync.Once
	passed chan struct{}
}

func newDeadline() *deadline {
	return &deadline{Context: context.Background(), passed: make(chan struct{})}
}

// pass has the deadline pass.
func (d *deadline) pass() { d.once.Do(func() { close(d.passed) }) }

// Deadline returns a time that does not come while a test runs.
func (d *deadline) Deadline() (time.Time, bool) { return time.Now().Add(time.Hour), true }

// Done is closed by pass.
func (d *deadline) Done() <-chan struct{} { return d.passed }

// Err is context.DeadlineExceeded once the deadline has passed.
func (d *deadline) Err() error {
	select {
	case <-d.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

var _ context.Context = (*deadline)(nil)
