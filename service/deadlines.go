package service

import (
	"net/http"
	"sync"
	"time"
)

const (
	// bodyTimeout bounds how long a request's body may take to arrive, as in Rasa's
	// web server.
	bodyTimeout = 60 * time.Second
	// writeTimeout bounds each write, so that a client that never reads ends its
	// own turn and no other. A bound on the whole answer would cut streams.
	writeTimeout = 30 * time.Second
)

// deadlines bounds how long a client may take to send a body and to take each
// piece of the answer.
func deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		if r.ContentLength != 0 {
			_ = conn.SetReadDeadline(time.Now().Add(bodyTimeout)) // net/http lifts it at the end of the body
		}
		timed := &timedWriter{ResponseWriter: w, conn: conn, multiplexed: r.ProtoMajor >= 2}
		next.ServeHTTP(timed, r)
		timed.finish()
	})
}

// timedWriter gives each write writeTimeout. A connection of its own gets a
// deadline, renewed now and then. On HTTP/2 a passed deadline would end a stream
// that merely pauses, and setting it is dear, so there a timer watches each write.
type timedWriter struct {
	http.ResponseWriter
	conn        *http.ResponseController
	multiplexed bool
	renewed     time.Time
	watch       *time.Timer
	unflushed   bool

	mu      sync.Mutex
	writing bool // what the watch may interrupt
}

func (w *timedWriter) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
	w.end()
}

func (w *timedWriter) Write(p []byte) (int, error) {
	w.begin()
	defer w.end()
	w.unflushed = true
	return w.ResponseWriter.Write(p)
}

// Flush is asked for by interface; FlushError by http.ResponseController.
func (w *timedWriter) Flush() { _ = w.FlushError() }

func (w *timedWriter) FlushError() error {
	w.begin()
	defer w.end()
	w.unflushed = false
	return w.conn.Flush()
}

// Unwrap lets http.ResponseController reach the rest.
func (w *timedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish gives the same time to what net/http has yet to write: the rest of its
// buffer, the end of a stream.
func (w *timedWriter) finish() {
	switch {
	case !w.multiplexed:
		w.begin()
	case w.unflushed:
		_ = w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // all our connections can
	}
}

func (w *timedWriter) begin() {
	if !w.multiplexed {
		if now := time.Now(); now.Sub(w.renewed) > writeTimeout/4 {
			w.renewed = now
			_ = w.conn.SetWriteDeadline(now.Add(writeTimeout)) // all our connections can
		}
		return
	}
	w.setWriting(true)
	if w.watch == nil {
		w.watch = time.AfterFunc(writeTimeout, w.expire)
		return
	}
	w.watch.Reset(writeTimeout)
}

func (w *timedWriter) end() {
	if w.watch == nil {
		return
	}
	w.watch.Stop()
	w.setWriting(false)
}

func (w *timedWriter) setWriting(writing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = writing
}

// expire ends a write that takes too long. The lock keeps a late timer from touching
// a response that is over, which net/http forbids.
func (w *timedWriter) expire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writing {
		_ = w.conn.SetWriteDeadline(time.Now()) // all our connections can
	}
}

var _ http.Flusher = (*timedWriter)(nil)
