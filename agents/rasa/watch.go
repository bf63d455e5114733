package rasa

import "time"

// watch calls a function when the time between start and stop grows too long. The
// zero watch never does.
type watch struct {
	timer *time.Timer
	limit time.Duration
}

// newWatch returns a watch that does not run yet.
func newWatch(limit time.Duration, expire func()) watch {
	w := watch{timer: time.AfterFunc(limit, expire), limit: limit}
	w.stop()
	return w
}

// start starts the time anew.
func (w watch) start() {
	if w.timer != nil {
		w.timer.Reset(w.limit)
	}
}

func (w watch) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}
