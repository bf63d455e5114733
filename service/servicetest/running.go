package servicetest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
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

// LastError returns what went wrong last in a channel, nil when nothing did, as GetStatus tells
// who has the operator's token.
func (r *Running) LastError(t *testing.T, token, channel string) *manyvoxv1.LastError {
	t.Helper()
	client := manyvoxv1connect.NewConversationServiceClient(r.HTTP1, r.URL)
	status, err := client.GetStatus(WithToken(t.Context(), token), &manyvoxv1.GetStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range status.GetChannels() {
		if c.GetName() == channel {
			return c.GetLastError()
		}
	}
	t.Fatalf("no channel %s in %v", channel, status)
	return nil
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
		<-r.Served //nolint:errcheck // a test that asks for the error has received it before
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
