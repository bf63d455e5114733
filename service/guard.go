package service

import (
	"net"
	"net/http"
	"net/url"
	"slices"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
)

// strange are headers of a request that was not made by a program of this machine: a
// proxy forwarded it, so that it may be anyone's, or a web page makes the browser of
// whoever reads it call.
var strange = []string{
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via",
	"X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Origin",
}

// authorizeOperator asks for the program's token. Where there is none, it lets in what
// comes from the machine itself.
func (s *Service) authorizeOperator(r *http.Request) error {
	if s.authToken == "" {
		if isLocal(r) {
			return nil
		}
		return channels.Errorf(channels.CodePermissionDenied, "this route answers only this machine itself, unless --auth-token is set")
	}
	if s.authToken.Equal(tokenOf(r.Context())) {
		return nil
	}
	return channels.Errorf(channels.CodeUnauthenticated, "the token of --auth-token is needed: send it as \"Authorization: Bearer <token>\"")
}

// isLocal reports whether a program of this machine made the request itself.
func isLocal(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !isLoopback(host) {
		return false
	}
	// A page whose name a stranger has pointed at this machine calls by that name.
	called := (&url.URL{Host: r.Host}).Hostname()
	if called != "localhost" && !isLoopback(called) {
		return false
	}
	return !slices.ContainsFunc(strange, func(name string) bool { return len(r.Header.Values(name)) > 0 })
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// guarded guards an RPC service and refuses in the caller's protocol, before
// anything of the request is read.
func (s *Service) guarded(next http.Handler, options ...connect.HandlerOption) http.Handler {
	answers := connect.NewErrorWriter(options...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.authorizeOperator(r); err != nil {
			_ = answers.Write(w, r, connectError(err, nil)) // a caller that is gone needs no answer
			return
		}
		next.ServeHTTP(w, r)
	})
}
