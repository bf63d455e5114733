package socketio_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowConn reads 4 KiB in a quarter of a second while slow is set.
type slowConn struct {
	net.Conn
	slow *atomic.Bool
}

func (c slowConn) Read(p []byte) (int, error) {
	if c.slow.Load() {
		time.Sleep(time.Second / 4) // in the bubble
		p = p[:min(len(p), 4<<10)]
	}
	return c.Conn.Read(p)
}

// A client that takes a large packet slowly is not silent, though it sees the ping behind it
// too late to answer in time.
func TestEdge08_12_SlowClientIsNotSilent(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*harness, testing.TB) *client{
		"websocket": func(h *harness, t testing.TB) *client { return h.dial(t, "") },
		"polling":   (*harness).poller,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, slow := newPipeListener(), &atomic.Bool{}
				run(t, programOptions{listener: l, block: "  ping_interval: 1s\n  ping_timeout: 2s\n"})
				dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := l.dial(ctx, network, addr)
					return slowConn{conn, slow}, err
				}
				h := &harness{url: "http://x/socket.io/", http: &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true}}, timeout: time.Minute}
				t.Cleanup(h.http.CloseIdleConnections)
				c := open(h, t)
				if c.ws != nil {
					c.ws.SetReadLimit(1 << 20)
				}
				c.connect()
				text := strings.Repeat("x", 60<<10)
				c.send(`42["user_uttered",{"message":"` + text + `"}]`)
				slow.Store(true)
				began := time.Now()
				c.wants(`42["bot_uttered",{"text":"` + text + `"}]`)
				if took := time.Since(began); took < 3*time.Second {
					t.Errorf("the packet took %v only", took)
				}
				slow.Store(false)
				c.send(`42["user_uttered",{"message":"hello"}]`)
				c.wants(`42["bot_uttered",{"text":"hello"}]`)
			})
		})
	}
}
