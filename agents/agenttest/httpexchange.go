package agenttest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// HTTPExchange is the part of an Exchange that is alike for all peers that speak HTTP. An
// Exchange embeds it.
type HTTPExchange struct {
	// W takes the answer.
	W http.ResponseWriter
	// R is the request, of which the body is read.
	R *http.Request
	// Body is the body of the request.
	Body []byte
}

// ListenHTTP serves a stage on loopback and returns the peer's URL. speak makes the Exchange of
// a request.
func ListenHTTP(t *testing.T, s Stage, speak func(*HTTPExchange) Exchange) (url string) {
	if s.Answer == nil {
		return nobody(t)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // before it is read whole, the server does not see that its client leaves
		if err != nil {
			return
		}
		s.Answer(speak(&HTTPExchange{w, r, body}))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// nobody returns a URL at which nothing listens.
func nobody(t *testing.T) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it has no name to look up
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + l.Addr().String()
}

// Context is that of the request.
func (x *HTTPExchange) Context() context.Context { return x.R.Context() }

// Request is the request's line, its headers and its body.
func (x *HTTPExchange) Request() string {
	return fmt.Sprintf("%s %s %v\n%s", x.R.Method, x.R.RequestURI, x.R.Header, x.Body)
}

// Attempt reads the header Manyvox-Attempt.
func (x *HTTPExchange) Attempt() int {
	n, _ := strconv.Atoi(x.R.Header.Get("Manyvox-Attempt"))
	return n
}

// Raw writes a text into the body.
func (x *HTTPExchange) Raw(text string) {
	_, _ = io.WriteString(x.W, text) // an agent that has left is what some checks want
	_ = http.NewResponseController(x.W).Flush()
}

// Refuse answers with a status, and with a page that repeats the request, as those of some
// servers do.
func (x *HTTPExchange) Refuse(status, seconds int) {
	if seconds > 0 {
		x.W.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	x.W.WriteHeader(status)
	x.Raw(x.Request())
}

// Cut ends the handler, and by that the connection.
func (x *HTTPExchange) Cut() { panic(http.ErrAbortHandler) }

// End does nothing: the answer ends with the handler.
func (x *HTTPExchange) End() {}
