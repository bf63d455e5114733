package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/setup"
)

// defaultServer is the address of a program that runs with the default flags.
const defaultServer = "http://localhost:5005"

// call calls f with a client of the program that --server names.
func (c *clientFlags) call(p Program, f func(manyvoxv1connect.ConversationServiceClient) error) error {
	base, err := c.base(p)
	if err != nil {
		return usageError{err}
	}
	token, err := c.token(base)
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: bearer{token, transport},
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

// token returns the token to show to a program: that of the flags, or else the one that
// the data directory has. The latter is for a program on this machine alone: another one
// has a token of its own, and is not to see ours.
func (c *clientFlags) token(base string) (channels.Secret, error) {
	if token := cmp.Or(c.OperatorToken, c.AuthToken); token != "" || !isLoopback(base) {
		return token, nil
	}
	token, err := setup.ReadOperatorToken(c.DataDir)
	if err != nil {
		return "", fmt.Errorf("--data-dir: the operator's token cannot be read: %w", err)
	}
	return token, nil
}

// isLoopback reports whether a URL names this machine by its loopback address.
func isLoopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// explain returns the error of an RPC as the terminal shows it.
func explain(base string, err error) error {
	var e *connect.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("no program answers at %s (--server): %w", base, syscall.ECONNREFUSED)
	case errors.As(err, &e) && e.Code() == connect.CodeUnauthenticated:
		return fmt.Errorf("%s: the program at %s asks for the operator's token: give --operator-token, or --data-dir where it runs on this machine", e.Code(), base)
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
