package server

import (
	"io"
	"net/http"
	"time"
)

const (
	// bodyTimeout bounds how long a request's body may take to arrive, as in Rasa's
	// web server.
	bodyTimeout = 60 * time.Second
	// writeTimeout bounds each write, so that a client that never reads ends its
	// own turn and no other. A bound on the whole answer would cut streams.
	writeTimeout = 30 * time.Second
	// writePiece is how much is written within one writeTimeout: a reply of 16 MiB also
	// reaches a client with a slow line.
	writePiece = 256 << 10
)

// deadlines bounds how long a client may take to send a body and to take each
// piece of the answer. A connection of its own gets deadlines. On HTTP/2 to set one is
// a message to another goroutine, a fifth of what a small call costs, and a passed one
// would end a stream that merely pauses: there timers watch each read and write.
func deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		if r.ProtoMajor >= 2 {
			serveStream(next, w, r, conn)
			return
		}
		timed := &connWriter{ResponseWriter: w, conn: conn}
		if r.ContentLength != 0 {
			_ = conn.SetReadDeadline(time.Now().Add(bodyTimeout)) // net/http lifts it at the end of the body
			r = timed.body.of(r)
		}
		next.ServeHTTP(timed, r)
		timed.renew() // for what net/http has yet to write
		if timed.body.isUnread(r) {
			timed.drain()
		}
	})
}

// connWriter gives each write writeTimeout by the connection's deadline, renewed now
// and then.
type connWriter struct {
	http.ResponseWriter
	conn    *http.ResponseController
	renewed time.Time
	body    unreadBody
}

// renew sets the deadline anew once a quarter of it has passed: to set it for each write
// would cost a system call's time for nothing.
func (w *connWriter) renew() {
	if now := time.Now(); now.Sub(w.renewed) > writeTimeout/4 {
		w.renewed = now
		_ = w.conn.SetWriteDeadline(now.Add(writeTimeout)) // all our connections can
	}
}

func (w *connWriter) WriteHeader(status int) {
	w.renew()
	w.ResponseWriter.WriteHeader(status)
}

func (w *connWriter) Write(p []byte) (int, error) { return inPieces(p, w.writePiece) }

func (w *connWriter) writePiece(p []byte) (int, error) {
	w.renew()
	return w.ResponseWriter.Write(p)
}

// inPieces writes p by as many calls of write as it takes, one at least.
func inPieces(p []byte, write func([]byte) (int, error)) (n int, err error) {
	for len(p)-n > writePiece {
		written, err := write(p[n : n+writePiece])
		if n += written; err != nil {
			return n, err
		}
	}
	written, err := write(p[n:])
	return n + written, err
}

// Flush is asked for by interface; FlushError by http.ResponseController.
func (w *connWriter) Flush() { _ = w.FlushError() }

func (w *connWriter) FlushError() error {
	w.renew()
	return w.conn.Flush()
}

// Unwrap lets http.ResponseController reach the rest.
func (w *connWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serveStream serves one stream of an HTTP/2 connection under watch.
func serveStream(next http.Handler, w http.ResponseWriter, r *http.Request, conn *http.ResponseController) {
	timed := &streamWriter{ResponseWriter: w, watch: streamWatch{conn: conn}}
	defer timed.watch.stop()
	if r.ContentLength != 0 {
		r.Body = &streamBody{ReadCloser: r.Body, watch: &timed.watch}
	}
	next.ServeHTTP(timed, r)
	if timed.unflushed {
		_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // for what net/http has yet to write
	}
}

// streamBody is watched from the first read to the end.
type streamBody struct {
	io.ReadCloser
	watch *streamWatch
	begun bool
}

func (b *streamBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.watch.read()
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.watch.pause()
	}
	return n, err
}

// streamWriter is watched during each write.
type streamWriter struct {
	http.ResponseWriter
	watch     streamWatch
	unflushed bool
}

func (w *streamWriter) Write(p []byte) (int, error) { return inPieces(p, w.writePiece) }

func (w *streamWriter) writePiece(p []byte) (int, error) {
	w.watch.write()
	defer w.watch.pause()
	w.unflushed = true
	return w.ResponseWriter.Write(p)
}

// Flush is asked for by interface; FlushError by http.ResponseController.
func (w *streamWriter) Flush() { _ = w.FlushError() }

func (w *streamWriter) FlushError() error {
	w.watch.write()
	defer w.watch.pause()
	w.unflushed = false
	return w.watch.conn.Flush()
}

// Unwrap lets http.ResponseController reach the rest.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var (
	_ http.Flusher = (*connWriter)(nil)
	_ http.Flusher = (*streamWriter)(nil)
)
