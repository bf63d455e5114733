package server

import (
	"net/http"
	"sync"
	"time"
)

// watch ends a read or a write of an HTTP/2 stream that takes too long. Its one timer
// is not set anew for each, which would cost more than all the rest: it looks at what
// goes on when it fires. A response that is over may not be touched, so once stop has
// returned the watch does no more.
type watch struct {
	conn *http.ResponseController

	mu      sync.Mutex
	until   time.Time // zero while nothing is watched
	reading bool
	timer   *time.Timer
	armed   bool // the timer will fire
}

func (w *watch) read() { w.start(bodyTimeout, true) }

func (w *watch) write() { w.start(writeTimeout, false) }

func (w *watch) start(limit time.Duration, reading bool) {
	until := time.Now().Add(limit)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until, w.reading = until, reading
	if w.armed {
		return
	}
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(writeTimeout, w.fire) // the shorter of the limits
		return
	}
	w.timer.Reset(writeTimeout)
}

// pause ends what was started.
func (w *watch) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = time.Time{}
}

// stop ends the watch.
func (w *watch) stop() {
	w.pause()
	if w.timer != nil {
		w.timer.Stop()
	}
}

func (w *watch) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if left := time.Until(w.until); !w.until.IsZero() && left > 0 {
		w.timer.Reset(left)
		return
	}
	w.armed = false
	switch {
	case w.until.IsZero():
	case w.reading:
		_ = w.conn.SetReadDeadline(time.Now()) // all our streams can
	default:
		_ = w.conn.SetWriteDeadline(time.Now()) // all our streams can
	}
}
