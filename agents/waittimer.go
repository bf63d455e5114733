package agents

import "time"

// WaitTimer calls a function when the time between Start and Stop grows too long. The zero
// WaitTimer never does.
type WaitTimer struct {
	timer *time.Timer
	limit time.Duration
}

// NewWaitTimer returns a WaitTimer that does not run yet.
func NewWaitTimer(limit time.Duration, expire func()) WaitTimer {
	t := WaitTimer{timer: time.AfterFunc(limit, expire), limit: limit}
	t.Stop()
	return t
}

// Start starts the time anew.
func (t *WaitTimer) Start() {
	if t.timer != nil {
		t.timer.Reset(t.limit)
	}
}

// Stop ends the time.
func (t *WaitTimer) Stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}

// Shorten has the next Start wait no longer than limit.
func (t *WaitTimer) Shorten(limit time.Duration) { t.limit = min(t.limit, limit) }
