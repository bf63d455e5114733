//go:build unix

package pgtest

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// Proxy stands between a store and the server, and can cut the connections through it.
type Proxy struct {
	server   *Server
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu  sync.Mutex
	cut bool
	// conns are both ends of each connection.
	conns map[net.Conn]bool
}

// Proxy returns a proxy to the server, closed with the test.
func (s *Server) Proxy(t testing.TB) *Proxy {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	p := &Proxy{server: s, target: s.address(), listener: l, conns: map[net.Conn]bool{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // stores close after the test
	p.running.Go(func() { p.accept(ctx) })
	t.Cleanup(func() {
		cancel()
		_ = l.Close() // the test is over
		p.Cut()
		p.running.Wait()
	})
	return p
}

// URL is that of a database of the server, by way of the proxy.
func (p *Proxy) URL(database string) string {
	return p.server.urlAt(p.listener.Addr().String(), database)
}

// Cut ends all connections and refuses further ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for conn := range p.conns {
		_ = conn.Close() // without a word of PostgreSQL, as when a cable is cut
	}
	clear(p.conns)
}

// Restore takes connections again.
func (p *Proxy) Restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
		if err != nil || !p.add(client, server) {
			_ = client.Close() // it is refused
			if err == nil {
				_ = server.Close() // nothing was sent
			}
			continue
		}
		p.running.Go(func() { p.pipe(client, server) })
		p.running.Go(func() { p.pipe(server, client) })
	}
}

// add keeps both ends of a connection, so that Cut finds them. It reports false when the
// proxy is cut.
func (p *Proxy) add(ends ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range ends {
		if !p.cut {
			p.conns[end] = true
		}
	}
	return !p.cut
}

// pipe copies until either end is closed, and closes both.
func (p *Proxy) pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from) // the connection is over
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range []net.Conn{to, from} {
		_ = end.Close() // it may be closed already
		delete(p.conns, end)
	}
}
