package servicetest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/setup"
)

// Running is a service that runs until the test ends, and clients of it.
type Running struct {
	*service.Service
	Addr string
	URL  string
	// HTTP1 speaks HTTP/1.1. HTTP2 speaks HTTP/2 without TLS, from the first byte on.
	HTTP1, HTTP2 *http.Client
	Dial         Dialer
	Log          *Log
	// Shutdown ends the ctx of Serve. Served then gets what Serve returns.
	Shutdown context.CancelFunc
	Served   chan error
}

// Dialer connects to a running service, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// OnLoopback serves on a port of the loopback interface. The log of c is replaced.
func OnLoopback(t *testing.T, c service.Config) *Running {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return Start(t, c, l, new(net.Dialer).DialContext, Timeout)
}

// InBubble serves inside a synctest bubble, on a network without sockets.
func InBubble(t *testing.T, c service.Config, grace time.Duration) *Running {
	t.Helper()
	p := newPipeNetwork()
	return Start(t, c, p, p.Dial, grace)
}

// Start serves on l until the test ends. Without a journal in c it uses one in memory.
// It closes the journal when the service has ended.
func Start(t *testing.T, c service.Config, l net.Listener, dial Dialer, grace time.Duration) *Running {
	t.Helper()
	if c.Journal == nil {
		c.Journal = memory.Open()
	}
	log := &Log{grown: make(chan struct{})}
	c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(context.Background())
	r := &Running{
		Service: service.New(c), Addr: l.Addr().String(), URL: "http://" + l.Addr().String(),
		HTTP1: newClient(dial, (*http.Protocols).SetHTTP1), HTTP2: newClient(dial, (*http.Protocols).SetUnencryptedHTTP2),
		Dial: dial, Log: log, Shutdown: cancel, Served: make(chan error, 1),
	}
	go func() { r.Served <- r.Serve(ctx, l, grace); close(r.Served) }()
	t.Cleanup(func() {
		r.HTTP1.CloseIdleConnections()
		r.HTTP2.CloseIdleConnections()
		cancel()
		_ = <-r.Served // tests that ask for the error read it themselves
		if err := c.Journal.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func newClient(dial Dialer, protocol func(*http.Protocols, bool)) *http.Client {
	p := new(http.Protocols)
	protocol(p, true)
	return &http.Client{Transport: &http.Transport{DialContext: dial, Protocols: p}}
}

// Channels opens the channels of a credentials.yml. Beside the types given it knows
// the type rest.
func Channels(t *testing.T, credentials string, types ...channels.Type) []*instance.Config {
	t.Helper()
	block, err := config.Parse("credentials.yml", []byte(credentials), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := setup.LoadCredentials(block, append([]channels.Type{rest.Type()}, types...), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c.Channels
}

// Get returns status and body of a route.
func (r *Running) Get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(Context(t), http.MethodGet, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Do(t, r.HTTP1, req)
}

// CheckMetrics checks that /metrics has these lines, each given without "manyvox_". The
// service must have the token "operator".
func (r *Running) CheckMetrics(t *testing.T, lines ...string) {
	t.Helper()
	_, metrics := r.Get(t, "/metrics?token=operator")
	for _, line := range lines {
		if !strings.Contains(metrics, "\nmanyvox_"+line+"\n") {
			t.Errorf("the metrics lack %q:\n%s", line, LinesWith(metrics, line[:strings.IndexAny(line, "{ ")]))
		}
	}
}

// LinesWith returns the lines of a text that contain a word.
func LinesWith(text, word string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Do returns status and body of the answer to a request.
func Do(t *testing.T, c *http.Client, req *http.Request) (status int, body string) {
	t.Helper()
	res, err := c.Do(req) //nolint:gosec // the test chooses the URL
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// Record has a handler answer a request without a network.
func Record(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	return res
}
