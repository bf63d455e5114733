package servicetest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// pipeNetwork is a network without sockets. A synctest bubble can hold both ends of its
// connections.
type pipeNetwork struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeNetwork() *pipeNetwork {
	return &pipeNetwork{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipeNetwork) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
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

func (p *pipeNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeNetwork) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipeNetwork) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

var _ net.Listener = (*pipeNetwork)(nil)

// NewPipeNetwork returns the listener of a network without sockets, and how to connect to it:
// for a fake platform that is in the bubble with the service.
func NewPipeNetwork() (net.Listener, Dialer) {
	p := newPipeNetwork()
	return p, p.Dial
}
