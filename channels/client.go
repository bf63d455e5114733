package channels

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	callTimeout = 30 * time.Second
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
	// Many servers close a connection after 5 idle seconds. A request that crosses the
	// close on its way counts as perhaps taken, so we close first:
	// https://nodejs.org/api/http.html#serverkeepalivetimeout
	idleTimeout = 4 * time.Second
	// idleConns are kept, enough for a busy channel: a client knows one platform.
	idleConns         = 100
	maxResponseHeader = 64 << 10
	maxResponse       = 1 << 20
)

// ClientConfig configures a Client.
type ClientConfig struct {
	// Timeout bounds a call from the dial to the last byte of the answer. Default 30s.
	Timeout time.Duration
	// MaxResponse is how much of an answer is read, in bytes. Default 1 MiB.
	MaxResponse int
	// RootCAs vouch for the platform. Default the system's.
	RootCAs *x509.CertPool
	// Dial connects, within 10 seconds. Default a net.Dialer's.
	Dial DialFunc
	// Proxy is the HTTP proxy for all calls. Default the environment's.
	Proxy *url.URL
	// Record is told of each call, as Env.Record is. Default nobody is.
	Record func(context.Context, Exchange)
	// HidePath tells Record the host alone: for addresses of a platform's that let anyone in who
	// knows them.
	HidePath bool
}

// Client makes a channel's calls to its platform: the one HTTP stack of all
// channels. It may be used concurrently.
type Client struct {
	transport   http.RoundTripper
	timeout     time.Duration
	maxResponse int
	record      func(context.Context, Exchange)
	hidePath    bool
}

// NewClient returns a Client with connections of its own.
func NewClient(c ClientConfig) *Client {
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	return &Client{
		// A transport alone follows no redirect, which would carry message and token
		// to an address that nobody has configured.
		transport: &http.Transport{
			Proxy:                  proxyFunc(c.Proxy),
			DialContext:            c.dial,
			TLSClientConfig:        &tls.Config{RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    tlsTimeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           idleConns,
			MaxIdleConnsPerHost:    idleConns,
			IdleConnTimeout:        idleTimeout,
			MaxResponseHeaderBytes: maxResponseHeader,
		},
		timeout:     cmp.Or(c.Timeout, callTimeout),
		maxResponse: cmp.Or(c.MaxResponse, maxResponse),
		record:      c.Record,
		hidePath:    c.HidePath,
	}
}

// dial bounds Dial, which net/http does not end with the call that waits for it.
func (c *ClientConfig) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return c.Dial(ctx, network, address)
}

// proxyFunc returns what finds the proxy of a request: this one, or without it the environment's.
func proxyFunc(u *url.URL) func(*http.Request) (*url.URL, error) {
	if u != nil {
		return http.ProxyURL(u)
	}
	return proxy
}

// proxy returns the environment's proxy. An address that cannot be used is not
// quoted, since it may hold a password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		err = errors.New("HTTP_PROXY or HTTPS_PROXY: not an address")
	}
	return u, err
}

// Do makes one call and returns the answer, whatever its status: CheckResponse turns that
// into an error. The body has been read already, up to MaxResponse, so that no connection waits
// for its Close. If it broke off or is longer, reading it ends with an error of class
// SendUnknown.
//
// Without an answer the error is a *SendError, of class SendUnavailable when nothing
// was sent and of class SendUnknown when the platform may have taken the request; or
// the error of the request's context when that ended before anything was sent. No
// error quotes the request, or an answer, which may be an echo of the request.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if c.record == nil {
		return c.do(req)
	}
	began := time.Now()
	res, err := c.do(req)
	e := callExchange(req, began, res, err)
	if c.hidePath {
		e.Route = cmp.Or(req.Method, http.MethodGet) + " " + req.URL.Host + "/…"
	}
	c.record(req.Context(), e)
	return res, err
}

// callExchange returns a call for the log. The path is the decoded one: a secret in it is
// found however it was escaped.
func callExchange(req *http.Request, began time.Time, res *http.Response, err error) Exchange {
	e := Exchange{
		Direction: DirectionOut, Route: cmp.Or(req.Method, http.MethodGet) + " " + req.URL.Host + req.URL.Path,
		Began: began, Duration: time.Since(began), Bytes: max(0, req.ContentLength),
	}
	if err != nil {
		return e.WithSendError(err)
	}
	e.Status = res.StatusCode
	if e.Judge().Verdict == VerdictFailed {
		e.Code, e.Text = strconv.Itoa(res.StatusCode), statusError(res.StatusCode).Error()
	}
	return e
}

// do is Do without the log.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), c.timeout, fmt.Errorf("no answer within %v", c.timeout))
	defer cancel()
	var sent atomic.Bool // net/http sets it from a goroutine of its own
	traced := req.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http tries another connection when it wrote nothing to the first.
		GetConn: func(string) { sent.Store(false) },
		// Called before the first byte leaves the buffer, so that a request which
		// counts as unsent is unsent.
		WroteHeaders: func() { sent.Store(true) },
	}))
	if traced.Header.Get("User-Agent") == "" {
		traced.Header.Set("User-Agent", "manyvox")
	}
	res, err := c.transport.RoundTrip(traced)
	if err != nil {
		return nil, callError(req.Context(), ctx, sent.Load(), err)
	}
	res.Body = c.bufferBody(ctx, res)
	return res, nil
}

// callError returns the error of a call without an answer. ctx is the caller's context
// with our timeout.
func callError(caller, ctx context.Context, sent bool, err error) error {
	switch {
	case sent:
		return unknownError(ctx, err)
	case caller.Err() != nil:
		return caller.Err()
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return &SendError{Class: SendUnavailable, Err: err}
}

// unknownError returns the error of a call that broke after it was sent. Of err it keeps
// nothing that net/http may have quoted from the answer.
func unknownError(ctx context.Context, err error) error {
	var network net.Error
	switch {
	case ctx.Err() != nil: // net/http has several names for it
		err = context.Cause(ctx)
	case errors.As(err, &network):
		err = network
	default:
		err = errors.New("the connection broke, or the answer is not HTTP")
	}
	return &SendError{Class: SendUnknown, Err: err}
}

// bufferBody reads the body to its end, which lets the connection serve the next call.
func (c *Client) bufferBody(ctx context.Context, res *http.Response) io.ReadCloser {
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return http.NoBody // the body is the connection itself, whose end no timeout brings
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, int64(c.maxResponse)+1))
	switch {
	case err != nil:
		return &bufferedBody{bytes.NewReader(data), unknownError(ctx, err)}
	case len(data) > c.maxResponse:
		err = &SendError{Class: SendUnknown, Err: fmt.Errorf("the answer is larger than %d bytes", c.maxResponse)}
		return &bufferedBody{bytes.NewReader(data[:c.maxResponse]), err}
	}
	return &bufferedBody{bytes.NewReader(data), io.EOF}
}

// bufferedBody is a body that has been read: its data, and the error at its end.
type bufferedBody struct {
	data *bytes.Reader
	end  error
}

// Read returns what came, then the end.
func (a *bufferedBody) Read(p []byte) (int, error) {
	n, err := a.data.Read(p)
	if err != nil {
		err = a.end
	}
	return n, err
}

// Close does nothing.
func (a *bufferedBody) Close() error { return nil }

var _ io.ReadCloser = (*bufferedBody)(nil)
