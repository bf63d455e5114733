package openai

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	tlsTimeout  = 10 * time.Second
	// Servers in Python close a connection after 5 idle seconds. A request that crosses the
	// close on its way could not be repeated, so we close first:
	// https://www.uvicorn.org/settings/#timeouts
	idleConnTimeout = 4 * time.Second
	// idleConns are kept, enough for a busy service: each turn takes a connection.
	idleConns = 100
	// maxHeader bounds what an error may quote of a server that does not speak HTTP.
	maxHeader = 64 << 10
)

// newClient returns a client that goes where base_url says and nowhere else.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout:    tlsTimeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           idleConns,
			MaxIdleConnsPerHost:    idleConns,
			IdleConnTimeout:        idleConnTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // a proxy that compresses holds pieces back
		},
		// A redirect would carry conversation and key to an address that nobody has configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// proxy returns the environment's proxy. An address that cannot be used is not quoted, since it
// may hold a password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		err = errors.New("HTTP_PROXY or HTTPS_PROXY: not an address")
	}
	return u, err
}
