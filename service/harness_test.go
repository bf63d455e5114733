package service_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/setup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// house is a service that runs, and the clients of its neighbours.
type house struct {
	*service.Service
	addr string
	url  string
	// h1 speaks HTTP/1.1, h2 HTTP/2 without TLS and without asking first.
	h1, h2 *http.Client
	dial   dialer
	log    *logbook
	// close tells the service to shut down; served gets what Serve returns.
	close  context.CancelFunc
	served chan error
}

// listen serves on loopback until the test ends. c.Log is the house's own.
func listen(t *testing.T, c service.Config) *house {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, c, l, new(net.Dialer).DialContext, patience)
}

// bubble serves inside a synctest bubble, on a network without sockets.
func bubble(t *testing.T, c service.Config, grace time.Duration) *house {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	return serve(t, c, p, p.dial, grace)
}

type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

func serve(t *testing.T, c service.Config, l net.Listener, dial dialer, grace time.Duration) *house {
	t.Helper()
	if c.Journal == nil {
		c.Journal = memory.Open()
	}
	log := &logbook{grown: make(chan struct{})}
	c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(context.Background())
	h := &house{
		Service: service.New(c), addr: l.Addr().String(), url: "http://" + l.Addr().String(),
		h1: client(dial, (*http.Protocols).SetHTTP1), h2: client(dial, (*http.Protocols).SetUnencryptedHTTP2),
		dial: dial, log: log, close: cancel, served: make(chan error, 1),
	}
	go func() { h.served <- h.Serve(ctx, l, grace); close(h.served) }()
	t.Cleanup(func() {
		h.h1.CloseIdleConnections()
		h.h2.CloseIdleConnections()
		cancel()
		<-h.served
		if err := c.Journal.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func client(dial dialer, protocol func(*http.Protocols, bool)) *http.Client {
	p := new(http.Protocols)
	protocol(p, true)
	return &http.Client{Transport: &http.Transport{DialContext: dial, Protocols: p}}
}

// get returns status and body of a route.
func (h *house) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), http.MethodGet, h.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, h.h1, req)
}

// do returns status and body of the answer.
func do(t *testing.T, c *http.Client, req *http.Request) (status int, body string) {
	t.Helper()
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// pipes is a network without sockets, so that a bubble can hold both ends.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// logbook is where a house logs to, one JSON object a line.
type logbook struct {
	mu    sync.Mutex
	text  []byte
	grown chan struct{} // closed at the next line
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, line...)
	close(l.grown)
	l.grown = make(chan struct{})
	return len(line), nil
}

func (l *logbook) String() string { s, _ := l.read(); return s }

// await returns the first line that holds some words, once it is there.
func (l *logbook) await(t *testing.T, words string) string {
	t.Helper()
	for {
		text, grown := l.read()
		for line := range strings.Lines(text) {
			if strings.Contains(line, words) {
				return line
			}
		}
		await(t, "the line "+words, grown)
	}
}

func (l *logbook) read() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text), l.grown
}

// quiet answers a test that sends what no agent may see.
func quiet(t *testing.T) agents.Agent {
	return agents.Func(func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
		t.Errorf("the agent was asked %q", turn.Message.Text)
		return nil
	})
}

// says answers every message with these texts.
func says(texts ...string) agents.Agent {
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, text := range texts {
			if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
				return err
			}
		}
		return nil
	})
}

// instances opens the channels of a credentials.yml, of type rest and the further ones.
func instances(t *testing.T, credentials string, further ...channels.Type) []*instance.Config {
	t.Helper()
	block, err := config.Parse("credentials.yml", []byte(credentials), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := setup.LoadCredentials(block, append([]channels.Type{rest.Type()}, further...), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c.Channels
}

// within returns a context for what must be done in time.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// await waits for a signal.
func await[T any](t *testing.T, what string, signal <-chan T) T {
	t.Helper()
	select {
	case v := <-signal:
		return v
	case <-within(t).Done():
		t.Fatalf("no sign of %s", what)
		panic("unreachable")
	}
}
