package auth

import (
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// forwarding are headers of a request that no program of this machine made itself: a
// proxy forwarded it, so that it may be anyone's, or a web page made somebody's browser
// send it.
var forwarding = []string{
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via",
	"X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Origin",
}

// Operator asks for the program's token. Where there is none, it lets in what comes
// from the machine itself.
func (g Guard) Operator(r *http.Request) error {
	if g.Program == "" {
		if isLocal(r) {
			return nil
		}
		return channels.Errorf(channels.CodePermissionDenied, "this route answers only this machine itself, unless --auth-token is set")
	}
	if g.Program.Equal(tokenOf(r.Context())) {
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
	// A page whose name a forwardingr has pointed at this machine calls by that name.
	called := (&url.URL{Host: r.Host}).Hostname()
	if called != "localhost" && !isLoopback(called) {
		return false
	}
	return !slices.ContainsFunc(forwarding, func(name string) bool { return len(r.Header.Values(name)) > 0 })
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
