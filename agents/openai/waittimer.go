package openai

import "time"

// waitTimer calls a function when the time between start and stop grows too long. The zero
// waitTimer never does.
type waitTimer struct {
	timer *time.Timer
	limit time.Duration
}

// newWaitTimer returns a waitTimer that does not run yet.
func newWaitTimer(limit time.Duration, expire func()) waitTimer {
	t := waitTimer{timer: time.AfterFunc(limit, expire), limit: limit}
	t.stop()
	return t
}

// start starts the time anew.
func (t waitTimer) start() {
	if t.timer != nil {
		t.timer.Reset(t.limit)
	}
}

func (t waitTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}
