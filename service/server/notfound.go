package server

import (
	"fmt"
	"net/http"
	"regexp"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
)

// notFound answers a path that is no route, in the protocol of the call: gRPC, gRPC-Web and
// Connect know "unimplemented" for a service or method that is not there. Connect's JSON looks
// like any other, so its path has to be a procedure's. The status of a call by Connect is 404, as
// of any path that is not there, where connect-go has 501.
func notFound(w http.ResponseWriter, r *http.Request) {
	answers := connect.NewErrorWriter()
	if isGRPC(r.Header.Get("Content-Type")) || answers.IsSupported(r) && procedure.MatchString(r.URL.Path) {
		err := connect.NewError(connect.CodeUnimplemented, fmt.Errorf("no method %s", r.URL.Path))
		_ = answers.Write(notFoundWriter{w}, r, err) // a caller that is gone needs no answer
		return
	}
	noRoute(w, r)
}

// notFoundWriter has the status 404 in place of 501.
type notFoundWriter struct{ http.ResponseWriter }

// WriteHeader writes the status.
func (w notFoundWriter) WriteHeader(status int) {
	if status == http.StatusNotImplemented {
		status = http.StatusNotFound
	}
	w.ResponseWriter.WriteHeader(status)
}

// noRoute answers as webhooks do.
func noRoute(w http.ResponseWriter, r *http.Request) {
	channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no route %s %s", r.Method, r.URL.Path))
}

// procedure is the path of a call, such as /manyvox.v1.ChannelService/Receive.
var procedure = regexp.MustCompile(`^/([a-z0-9_]+\.)+[A-Z]\w*/[A-Z]\w*$`)
