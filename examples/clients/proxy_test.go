package clients_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands between a client and the program and sees what passes.
type proxy struct {
	target string
	l      net.Listener

	conns, up, down atomic.Int64
	// silent has clients hear nothing more.
	silent atomic.Bool
	// heard is when the program sent something last.
	heard atomic.Int64
	// pinged is closed at the client's first ping in a long silence, answered once the program has sent what is
	// more than the begin of an HTTP/2 connection.
	pinged, answered signal

	mu   sync.Mutex
	open []net.Conn
}

// newProxy listens until the test ends.
func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: target, l: l, pinged: newSignal(), answered: newSignal()}
	t.Cleanup(func() { _ = l.Close(); p.cut() })
	go p.accept()
	return p
}

// address is where clients connect to.
func (p *proxy) address() string { return p.l.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.conns.Add(1)
		p.mu.Lock()
		p.open = append(p.open, client, server)
		p.mu.Unlock()
		go p.pass(server, io.TeeReader(client, &frames{ping: p.sawPing}), &p.up, client)
		go p.pass(client, server, &p.down, server)
	}
}

// pass copies what one side sends and then ends both.
func (p *proxy) pass(to net.Conn, from io.Reader, n *atomic.Int64, source net.Conn) {
	defer to.Close()
	defer source.Close()
	buffer := make([]byte, 32<<10)
	for {
		size, err := from.Read(buffer)
		n.Add(int64(size))
		if n == &p.down {
			p.heard.Store(time.Now().UnixNano())
		}
		if p.down.Load() > answered {
			p.answered.send()
		}
		if n == &p.down && p.silent.Load() {
			size = 0
		}
		if _, failed := to.Write(buffer[:size]); failed != nil || err != nil {
			return
		}
	}
}

// longSilence is half of the interval of pings that clients are told. gRPC's clients also ping as
// soon as they hear something, to measure the line: that keeps no connection alive.
const longSilence = 5 * time.Second

// sawPing is called at each ping of a client.
func (p *proxy) sawPing() {
	if time.Since(time.Unix(0, p.heard.Load())) > longSilence {
		p.pinged.send()
	}
}

// cut ends all connections, as a network does that is gone.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	p.open = nil
}

// answered is how much a program sends before it answers, and more.
const answered = 100

// signal is sent once.
type signal struct {
	once *sync.Once
	sent chan struct{}
}

func newSignal() signal { return signal{new(sync.Once), make(chan struct{})} }

func (s signal) send() { s.once.Do(func() { close(s.sent) }) }

// frames sees the pings among the frames of an HTTP/2 client.
type frames struct {
	ping  func()
	data  []byte
	begun bool // the preface is over
	other bool // it is no HTTP/2
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

func (f *frames) Write(p []byte) (int, error) {
	if f.other {
		return len(p), nil
	}
	f.data = append(f.data, p...)
	if !f.begun {
		if len(f.data) < len(preface) {
			return len(p), nil
		}
		f.begun, f.other = true, !strings.HasPrefix(string(f.data), preface)
		f.data = f.data[len(preface):]
	}
	const header, ping, ack = 9, 6, 1
	for len(f.data) >= header && !f.other {
		size := header + int(binary.BigEndian.Uint32(append([]byte{0}, f.data[:3]...)))
		if len(f.data) < size {
			break
		}
		if f.data[3] == ping && f.data[4]&ack == 0 {
			f.ping()
		}
		f.data = f.data[size:]
	}
	return len(p), nil
}
