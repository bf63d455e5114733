package openai_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pipeListener is a listener without sockets, so that a synctest bubble can hold both ends.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	// refuse is how many dials fail before one is answered.
	refuse int
	// delay is how long a dial takes.
	delay time.Duration
	dials atomic.Int32
}

// serve serves the fake on a new network.
func serve(t *testing.T, f http.Handler) *pipeListener {
	p := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: f}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(p) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return p
}

func (p *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	time.Sleep(p.delay) // a bubble's time
	if int(p.dials.Add(1)) <= p.refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	close(p.closed)
	return nil
}

func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

var _ net.Listener = (*pipeListener)(nil)
