package server

import (
	"net/http"
	"strings"
)

// trailersOnly gives a gRPC answer without a message the form that gRPC calls Trailers-Only:
// the status in the headers, which end the stream. No client's retry policy acts on an error
// that comes in another form, and connect-go writes the other (connect-go#724).
// See https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses.
func trailersOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isGRPC(r.Header.Get("Content-Type")) {
			next.ServeHTTP(w, r)
			return
		}
		held := &heldHeader{ResponseWriter: w}
		next.ServeHTTP(held, r)
		held.end()
	})
}

// isGRPC reports whether a content type is gRPC's or gRPC-Web's.
func isGRPC(contentType string) bool { return strings.HasPrefix(contentType, "application/grpc") }

// heldHeader keeps the header back until the first byte of the body.
type heldHeader struct {
	http.ResponseWriter
	status int
	sent   bool
}

// WriteHeader keeps the status.
func (w *heldHeader) WriteHeader(status int) {
	if w.sent {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.status = status
}

func (w *heldHeader) Write(p []byte) (int, error) {
	w.send()
	return w.ResponseWriter.Write(p)
}

// send lets the header go.
func (w *heldHeader) send() {
	if w.sent {
		return
	}
	w.sent = true
	if encoding := "Grpc-Encoding"; w.Header().Get(encoding) == "" { // of a call whose compression was refused
		w.Header().Del(encoding)
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
}

// end sends the answer of a call that wrote no message, with its trailers as headers. Where the
// call has headers of its own, clients would take them for trailers too, so both stay apart.
func (w *heldHeader) end() {
	if w.sent {
		return
	}
	h := w.Header()
	if hasMetadata(h) {
		w.send()
		return
	}
	h.Del("Trailer")
	for key, values := range h {
		if name, ok := strings.CutPrefix(key, http.TrailerPrefix); ok {
			delete(h, key)
			h[http.CanonicalHeaderKey(name)] = values
		}
	}
	w.send()
}

// hasMetadata reports whether headers hold one that is neither the protocol's nor a trailer.
func hasMetadata(h http.Header) bool {
	for key := range h {
		switch key {
		case "Content-Type", "Date", "Vary", "Allow", "Accept-Post", "Trailer":
			continue
		}
		if !strings.HasPrefix(key, http.TrailerPrefix) && !strings.HasPrefix(key, "Grpc-") && !strings.HasPrefix(key, "Access-Control-") {
			return true
		}
	}
	return false
}

// Flush is asked for by interface; FlushError by http.ResponseController.
func (w *heldHeader) Flush() { _ = w.FlushError() }

// FlushError flushes nothing before the first message.
func (w *heldHeader) FlushError() error {
	if !w.sent {
		return nil
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the rest.
func (w *heldHeader) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var _ http.Flusher = (*heldHeader)(nil)
