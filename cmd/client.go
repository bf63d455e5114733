package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// defaultServer is the address of a program that runs with the default flags.
const defaultServer = "http://localhost:5005"

// call calls f with a client of the program that --server names.
func (c *clientFlags) call(p Program, f func(manyvoxv1connect.ConversationServiceClient) error) error {
	base, err := c.base(p)
	if err != nil {
		return usageError{err}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: bearer{c.AuthToken, transport},
		// The token is for this server alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return explain(base, f(manyvoxv1connect.NewConversationServiceClient(client, base)))
}

// base returns the URL of the program, or an error that names the flag.
func (c *clientFlags) base(p Program) (string, error) {
	if c.Server == "" {
		return cmp.Or(p.Server, defaultServer), nil
	}
	u, err := url.Parse(c.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("--server: expected a URL such as " + defaultServer)
	}
	return strings.TrimSuffix(c.Server, "/"), nil
}

// explain returns the error of an RPC as the terminal shows it.
func explain(base string, err error) error {
	var e *connect.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("no program answers at %s (--server): %w", base, syscall.ECONNREFUSED)
	case errors.As(err, &e):
		return fmt.Errorf("%s: %s", e.Code(), e.Message())
	}
	return err
}

// bearer adds a token to each request.
type bearer struct {
	token channels.Secret
	next  http.RoundTripper
}

// RoundTrip adds the header.
func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	if b.token != "" {
		req = req.Clone(req.Context())
		req.Header.Set("Authorization", "Bearer "+b.token.Reveal())
	}
	return b.next.RoundTrip(req)
}
