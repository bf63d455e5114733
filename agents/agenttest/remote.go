package agenttest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/manyvox/manyvox/agents"
)

// Remote checks that an agent with an assistant at the other end of a connection tells
// by agents.NotReached what has reached it. Open is called once per subtest with an http
// URL of the assistant, and returns the agent.
func Remote(t *testing.T, open func(t *testing.T, url string) agents.Agent) {
	for _, c := range remoteChecks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.run(func(url string) agents.Agent { return open(t, url) }); err != nil {
				t.Error(err)
			}
		})
	}
}

// remoteCheck is one promise about an agent with a remote end.
type remoteCheck struct {
	name string
	run  func(open func(url string) agents.Agent) error
}

func remoteChecks() []remoteCheck {
	return []remoteCheck{
		{"a refused connection has not reached", refusedConnection},
		{"a connection that breaks has reached", onServer(hangUp)},
		{"an answer of 500 has reached", onServer(status(http.StatusInternalServerError))},
		{"an answer of 502 has reached", onServer(status(http.StatusBadGateway))},
		{"an answer of 504 has reached", onServer(status(http.StatusGatewayTimeout))},
	}
}

// refusedConnection expects the mark where nothing listens.
func refusedConnection(open func(url string) agents.Agent) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it has no name to look up
	if err != nil {
		return err
	}
	if err := l.Close(); err != nil {
		return err
	}
	err = answer(context.Background(), open("http://"+l.Addr().String()), hello("ann", true), &Recorder{})
	if err == nil || !agents.IsNotReached(err) {
		return fmt.Errorf("error %v where one marked by agents.NotReached is expected", err)
	}
	return nil
}

// onServer expects an error without the mark from an assistant that was reached.
func onServer(h http.HandlerFunc) func(open func(url string) agents.Agent) error {
	return func(open func(url string) agents.Agent) error {
		server := httptest.NewServer(h)
		defer server.Close()
		err := answer(context.Background(), open(server.URL), hello("ann", true), &Recorder{})
		if err == nil || agents.IsNotReached(err) {
			return fmt.Errorf("error %v where one that agents.NotReached does not mark is expected", err)
		}
		return nil
	}
}

// hangUp closes the connection once the request is there.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// status answers with a status alone.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
