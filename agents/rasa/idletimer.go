package rasa

import "time"

// idleTimer calls a function when the time between start and stop grows too long. The
// zero idleTimer never does.
type idleTimer struct {
	timer *time.Timer
	limit time.Duration
}

// newIdleTimer returns an idleTimer that does not run yet.
func newIdleTimer(limit time.Duration, expire func()) idleTimer {
	t := idleTimer{timer: time.AfterFunc(limit, expire), limit: limit}
	t.stop()
	return t
}

// start starts the time anew.
func (t idleTimer) start() {
	if t.timer != nil {
		t.timer.Reset(t.limit)
	}
}

func (t idleTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}
