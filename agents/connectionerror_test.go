package agents_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
)

// Neither error tells the address, or what a server has sent.
func TestConnectionError(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	secrets := strings.NewReplacer("hush", "<secret>")
	for _, c := range []struct {
		name             string
		err              error
		connection, dial string
	}{
		{"of the network", &url.Error{Op: "Post", URL: "http://x/hush", Err: refused}, "dial tcp: connection refused", "dial tcp: connection refused"},
		{"of the time", &url.Error{Op: "Post", URL: "http://x/hush", Err: context.DeadlineExceeded}, "context deadline exceeded", "context deadline exceeded"},
		{
			"quoted from the answer", &url.Error{Op: "Post", URL: "http://x", Err: errors.New(`malformed HTTP response "hush"`)},
			"the connection broke, or the answer is not HTTP", `malformed HTTP response "<secret>"`,
		},
	} {
		if got := agents.ConnectionError(c.err).Error(); got != c.connection {
			t.Errorf("%s: %s", c.name, got)
		}
		if got := agents.DialError(c.err, secrets).Error(); got != c.dial {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
