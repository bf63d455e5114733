package server

import (
	"bufio"
	"cmp"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/channellog"
	"github.com/manyvox/manyvox/service/instance"
)

// recorded has each request that a channel serves recorded in the channel's log. What is
// below prefix is recorded without it. The health route is nobody's message.
func recorded(in *instance.Instance, prefix string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, prefix)
		switch {
		case prefix != "" && isHealth(path) && isRead(r):
			next.ServeHTTP(w, r)
			return
		case prefix != "" && strings.HasPrefix(path, mediaPath+"/"):
			path = mediaPath + "/…" // the rest is a signed link
		}
		x := &exchange{ResponseWriter: w, read: r.ContentLength}
		x.trail = in.Exchanges.Begin(r.Context(), channels.Exchange{Route: r.Method + " " + cmp.Or(path, "/")})
		r = r.WithContext(x.trail)
		if r.ContentLength < 0 {
			x.read = 0
			r.Body = &countedBody{ReadCloser: r.Body, n: &x.read}
		}
		defer x.end()
		next.ServeHTTP(x, r)
		x.returned = true
	})
}

// exchange is a request that is recorded, and the writer of its answer.
type exchange struct {
	http.ResponseWriter
	trail  *channellog.Trail
	status int
	// read is the size of the body, or how much of it was read where that is not known.
	read int64
	// returned says that the handler has not panicked.
	returned bool
}

// end records the request.
func (x *exchange) end() {
	switch {
	case !x.returned:
		x.trail.Conclude(channels.Exchange{Verdict: channels.VerdictFailed, Text: "the handler has panicked"})
	case x.status == 0: // nothing was written, which net/http answers so
		x.status = http.StatusOK
	}
	x.trail.EndRequest(x.status, x.read)
}

// NoteError takes the error with which a request is answered.
func (x *exchange) NoteError(err error) { x.trail.Conclude(channels.Exchange{}.WithError(err)) }

// WriteHeader keeps the status.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write is the end of the headers where WriteHeader was not called.
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(p)
}

// Flush is asked for by interface; FlushError by http.ResponseController.
func (x *exchange) Flush() { _ = x.FlushError() }

// FlushError writes what net/http has buffered.
func (x *exchange) FlushError() error {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// Hijack ends the exchange: what comes by the connection is no part of the request.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(x.ResponseWriter).Hijack()
	if err == nil {
		if x.status == 0 {
			x.status = http.StatusSwitchingProtocols
		}
		x.trail.EndRequest(x.status, x.read)
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the rest.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// countedBody counts what is read of a body.
type countedBody struct {
	io.ReadCloser
	n *int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.n += int64(n)
	return n, err
}

var (
	_ channels.ErrorNoter = (*exchange)(nil)
	_ http.Flusher        = (*exchange)(nil)
	_ http.Hijacker       = (*exchange)(nil)
)
