package agents

import (
	"net"
	"net/http"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	tlsTimeout  = 10 * time.Second
	// Servers close a connection after 5 idle seconds, Rasa's and Node's among them. A request
	// that crosses the close on its way could not be repeated, so we close first:
	// https://sanic.dev/en/guide/running/configuration.html#keepalivetimeout
	// https://nodejs.org/api/http.html#serverkeepalivetimeout
	idleConnTimeout = 4 * time.Second
	// idleConns are kept, enough for a busy service: each turn takes a connection.
	idleConns = 100
	// maxHeader bounds what an error may quote of a server that does not speak HTTP.
	maxHeader = 64 << 10
)

// NewHTTPClient returns a client for the server of an agent, whose URL the operator has
// configured: it goes there and nowhere else.
func NewHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout:    tlsTimeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           idleConns,
			MaxIdleConnsPerHost:    idleConns,
			IdleConnTimeout:        idleConnTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // a proxy that compresses holds lines back
		},
		// A redirect would carry message and token to an address that nobody has configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
