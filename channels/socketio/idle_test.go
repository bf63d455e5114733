package socketio_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener is a listener without sockets, so that a synctest bubble can hold both ends.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A connection that only answers pings outlives every deadline of the service. One that
// does not answer ends.
func TestIdle(t *testing.T) {
	t.Parallel()
	for name, converse := range map[string]func(*testing.T, *pipeListener){"websocket": idleWebSocket, "polling": idlePolling, "silent": silentWebSocket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				run(t, programOptions{listener: l, block: "  session_persistence: true\n"})
				converse(t, l)
			})
		})
	}
}

func dialRaw(t *testing.T, l *pipeListener) *rawClient {
	t.Helper()
	conn, err := l.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &rawClient{t: t, conn: conn, timeout: 2 * time.Hour}
	c.greet()
	return c
}

func idleWebSocket(t *testing.T, l *pipeListener) {
	c := dialRaw(t, l)
	began := time.Now()
	for time.Since(began) < time.Hour {
		if packet := c.frame(); packet != "2" {
			t.Fatalf("packet %q, want a ping", packet)
		}
		c.write("3")
	}
	c.converse()
}

func silentWebSocket(t *testing.T, l *pipeListener) {
	c := dialRaw(t, l)
	began := time.Now()
	if packet := c.frame(); packet != "2" {
		t.Fatalf("packet %q, want a ping", packet)
	}
	if _, err := c.conn.Read(make([]byte, 1)); err == nil || time.Since(began) != 45*time.Second {
		t.Errorf("%v after %v, want the end after 45 s", err, time.Since(began))
	}
}

func idlePolling(t *testing.T, l *pipeListener) {
	h := &harness{url: "http://x/socket.io/", http: &http.Client{Transport: &http.Transport{DialContext: l.dial}}, timeout: time.Minute}
	t.Cleanup(h.http.CloseIdleConnections)
	c := h.poller(t)
	c.connect()
	id := c.session("null")
	began := time.Now()
	for time.Since(began) < time.Hour {
		if packet, _ := c.read(); packet != "2" {
			t.Fatalf("packet %q, want a ping", packet)
		}
		c.send("3")
	}
	c.send(`42["user_uttered",{"message":"hello","session_id":"` + id + `"}]`)
	c.wants(`42["bot_uttered",{"text":"hello"}]`)
	if sender, _, _ := strings.Cut(id, "."); sender == id {
		t.Errorf("the id %q is not signed", id)
	}
}

// TestEdge08_19Handshakes: clients in no namespace have a budget of their own, and give way to
// newer ones; a client in one does not.
func TestEdge08_19Handshakes(t *testing.T) {
	t.Parallel()
	h := serve(t, "max_sessions: 100000")
	connected, first := h.poller(t), h.poller(t)
	connected.connect()
	for range 1000 {
		h.poller(t)
	}
	if status, answer := first.request(http.MethodPost, "40"); status != http.StatusBadRequest || !strings.Contains(answer, "Session ID unknown") {
		t.Errorf("the first handshake: %d %s", status, answer)
	}
	connected.send(`427["other"]`)
	connected.wants("437[]")
}

// TestEdge08_19Connect: a client has 5 s to connect to the namespace.
func TestEdge08_19Connect(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]int{4 * time.Second: http.StatusOK, 6 * time.Second: http.StatusBadRequest} {
		synctest.Test(t, func(t *testing.T) {
			l := newPipeListener()
			run(t, programOptions{listener: l})
			h := &harness{url: "http://x/socket.io/", http: &http.Client{Transport: &http.Transport{DialContext: l.dial}}}
			t.Cleanup(h.http.CloseIdleConnections)
			c := h.poller(t)
			time.Sleep(after)
			if status, answer := c.request(http.MethodPost, "40"); status != want {
				t.Errorf("after %v: %d %s", after, status, answer)
			}
		})
	}
}
