package server

import (
	"net/http"
	"sync"
	"time"
)

// streamWatch ends a read or a write of an HTTP/2 stream that takes too long. Its one timer
// is not set anew for each, which would cost more than all the rest: it looks at what
// goes on when it fires. A response that is over may not be touched, so once stop has
// returned the streamWatch does no more.
type streamWatch struct {
	conn *http.ResponseController

	mu      sync.Mutex
	until   time.Time // zero while nothing is watched
	reading bool
	timer   *time.Timer
	armed   bool // the timer will fire
}

func (w *streamWatch) read() { w.start(bodyTimeout, true) }

func (w *streamWatch) write() { w.start(writeTimeout, false) }

func (w *streamWatch) start(limit time.Duration, reading bool) {
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
func (w *streamWatch) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = time.Time{}
}

// stop ends the watch.
func (w *streamWatch) stop() {
	w.pause()
	if w.timer != nil {
		w.timer.Stop()
	}
}

// fire ends the read or write that has taken too long, or sets the timer to when that
// will be so.
func (w *streamWatch) fire() {
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
