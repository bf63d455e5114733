package clients_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// network is the way from a client to the program, which can be cut. Its address stays the same
// when the program has another.
type network struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu      sync.Mutex
	program string // the address; "" while the way is cut
	mended  chan struct{}
	conns   map[net.Conn]bool
	over    bool

	toProgram, toClient traffic
}

// newNetwork makes a way to the program at an address.
func newNetwork(t *testing.T, program string) *network {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{listener: l, program: program, conns: map[net.Conn]bool{}}
	n.serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n.serving.Go(func() { n.carry(conn) })
		}
	})
	t.Cleanup(func() {
		n.mu.Lock()
		n.over = true
		n.mu.Unlock()
		_ = l.Close()
		n.cut()
		n.mend("")
		n.serving.Wait()
	})
	return n
}

// url is where the client finds the program.
func (n *network) url() string { return "http://" + n.listener.Addr().String() }

// cut ends every connection, without a reset: grpcio notices that of a young connection only when
// its next ping fails, after 30 s. Those that come wait until the way is mended.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.program, n.mended = "", make(chan struct{})
	n.toClient.forget()
	for conn := range n.conns {
		_ = conn.Close()
	}
}

// mend opens the way to the program at an address.
func (n *network) mend(program string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.program = program
	close(n.mended)
}

// carry carries what comes by a connection of a client.
func (n *network) carry(client net.Conn) {
	if !n.add(client) {
		return
	}
	defer n.remove(client)
	n.mu.Lock()
	program, mended := n.program, n.mended
	n.mu.Unlock()
	if program == "" {
		<-mended
		n.mu.Lock()
		program = n.program
		n.mu.Unlock()
	}
	conn, err := net.Dial("tcp", program)
	if err != nil {
		return
	}
	if !n.add(conn) {
		return
	}
	defer n.remove(conn)
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(io.MultiWriter(client, &n.toClient), conn)
		_ = client.Close()
	})
	_, _ = io.Copy(io.MultiWriter(&n.toProgram, conn), client)
	_ = conn.Close()
	back.Wait()
}

// add notes a connection, and reports whether the test goes on.
func (n *network) add(conn net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.over {
		_ = conn.Close()
		return false
	}
	n.conns[conn] = true
	return true
}

func (n *network) remove(conn net.Conn) {
	_ = conn.Close()
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, conn)
}
