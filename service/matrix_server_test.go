package service_test

import (
	"cmp"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// matrixServer is a service that counts its bytes.
type matrixServer struct {
	*servicetest.Running
	wire *countedListener
}

// startMatrix serves until the test ends, with the channels of credentials ("" means
// the rest channel alone). No token of the tests may be in the log then.
func startMatrix(t *testing.T, credentials string, c service.Config) *matrixServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &countedListener{Listener: l, unused: map[*countedConn]bool{}}
	c.Channels = servicetest.Channels(t, cmp.Or(credentials, "rest:"))
	h := servicetest.Start(t, c, counted, new(net.Dialer).DialContext, servicetest.Timeout)
	t.Cleanup(func() {
		for _, token := range []string{channelToken, programToken, wrongToken} {
			if strings.Contains(h.Log.String(), token) {
				t.Errorf("the log contains the token %s:\n%s", token, h.Log)
			}
		}
	})
	return &matrixServer{Running: h, wire: counted}
}

// countedListener counts the bytes that pass through its connections. When it is
// closed, it closes those that were never used: Node opens one after each abort, and
// http.Server waits 5 s for their first request before it shuts down.
type countedListener struct {
	net.Listener
	in, out atomic.Int64

	mu     sync.Mutex
	unused map[*countedConn]bool
	closed bool
}

// Accept returns a counted connection.
func (l *countedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &countedConn{Conn: conn, l: l}
	l.unused[c] = true
	if l.closed {
		c.Close()
	}
	return c, nil
}

// Close ends the listener and the connections that were never used.
func (l *countedListener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.unused {
		c.Close()
	}
	return l.Listener.Close()
}

type countedConn struct {
	net.Conn
	l *countedListener
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.l.in.Add(int64(n))
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	delete(c.l.unused, c)
	return n, err
}

// Write counts before it writes, so that whoever reads the bytes finds them counted.
func (c *countedConn) Write(p []byte) (int, error) {
	c.l.out.Add(int64(len(p)))
	return c.Conn.Write(p)
}
