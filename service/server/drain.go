package server

import (
	"io"
	"net/http"
	"time"
)

const (
	// drainTime and drainBytes bound what is read of a body that nobody wants any more.
	drainTime  = 5 * time.Second
	drainBytes = 8 << 20
)

// unreadBody is the body of a request that came over HTTP/1. It knows whether it was read
// to its end.
type unreadBody struct {
	io.ReadCloser
	over bool
}

// of returns the request with its body watched. It is another request, since net/http
// decides by the first one's body whether the connection can be used again.
func (b *unreadBody) of(r *http.Request) *http.Request {
	watched := *r
	b.ReadCloser, watched.Body = r.Body, b
	return &watched
}

func (b *unreadBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.over = b.over || err != nil
	return n, err
}

// isUnread reports whether the client may be sending still. One that waits to be told
// whether it shall send has the answer now.
func (b *unreadBody) isUnread(r *http.Request) bool {
	return b.ReadCloser != nil && !b.over && r.Header.Get("Expect") == ""
}

// drain sends the answer and reads on for a while: most clients look at an answer only once
// they have sent all, and never see it when the connection is closed on them.
func (w *connWriter) drain() {
	if w.conn.Flush() != nil || w.conn.SetReadDeadline(time.Now().Add(drainTime)) != nil {
		return // the connection is gone, or another's
	}
	_, _ = io.CopyN(io.Discard, &w.body, drainBytes) // what is left ends the connection
}
