package socketio_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLoad holds many conversations at once, on WebSockets: 200, or as many as
// MANYVOX_SOCKETIO_SESSIONS says. It tells what a session costs and that nothing of it
// is left afterwards. Its clients have no goroutine and no buffer of their own, so that
// what is measured is the server's.
func TestLoad(t *testing.T) { //nolint:paralleltest // it measures the process
	sessions := 200
	if n, err := strconv.Atoi(os.Getenv("MANYVOX_SOCKETIO_SESSIONS")); err == nil {
		sessions = n
	}
	p := run(t, setup{block: "  session_persistence: true\n"})
	const warm = 20 // so that pools and the like are there before
	idle := open(t, p, warm)
	before := usage()
	began := time.Now()
	clients := open(t, p, sessions)
	connected := time.Since(began)
	during := usage()
	began = time.Now()
	each(clients, (*raw).converse)
	answered := time.Since(began)
	after := usage()
	t.Logf("%d sessions: connected in %v, each asked and answered in %v", sessions, connected.Round(time.Millisecond), answered.Round(time.Millisecond))
	t.Logf("a session: %.1f KiB of heap and stacks (%.1f KiB once it has talked), %.2f goroutines",
		perSession(before.memory, during.memory, sessions), perSession(before.memory, after.memory, sessions),
		float64(during.goroutines-before.goroutines)/float64(sessions))
	if n := p.channel.Senders(); n != sessions+warm {
		t.Errorf("%d senders are connected, want %d", n, sessions+warm)
	}
	each(clients, func(c *raw) { c.conn.Close() })
	for end := time.Now().Add(patience); usage().goroutines > before.goroutines; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, and there were %d before", usage().goroutines, before.goroutines)
		}
	}
	if n := p.channel.Connections(); n != warm {
		t.Errorf("%d connections are left, want %d", n, warm)
	}
	t.Logf("afterwards: %d goroutines, as before", usage().goroutines)
	each(idle, func(c *raw) { c.conn.Close() })
}

type use struct{ memory, goroutines int }

func usage() use {
	runtime.GC()
	runtime.GC() // what the first has found in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return use{int(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine()}
}

func perSession(before, after, sessions int) float64 {
	return float64(after-before) / float64(sessions) / 1024
}

// raw is a client on a WebSocket that is nothing but a connection.
type raw struct {
	t        testing.TB
	conn     net.Conn
	session  string
	patience time.Duration
}

// open connects so many clients, each with a session.
func open(t *testing.T, p *program, n int) []*raw {
	t.Helper()
	clients := make([]*raw, n)
	for i := range clients {
		clients[i] = &raw{t: t, patience: 4 * patience}
	}
	each(clients, func(c *raw) { c.connect(p.addr) })
	t.Cleanup(func() { each(clients, func(c *raw) { c.conn.Close() }) })
	return clients
}

// each does something with all of them, some at once.
func each(clients []*raw, do func(*raw)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 64)
	for _, c := range clients {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(c)
		})
	}
	wg.Wait()
}

func (c *raw) connect(addr string) {
	var err error
	if c.conn, err = net.DialTimeout("tcp", addr, patience); err != nil {
		c.t.Error(err)
		return
	}
	c.greet()
}

// greet opens the WebSocket and asks for a session.
func (c *raw) greet() {
	fmt.Fprintf(c.conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
	one := bufio.NewReaderSize(oneByte{c.conn}, 16) // reads no further than the answer
	res, err := http.ReadResponse(one, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		c.t.Errorf("%v, %v", res, err)
		return
	}
	c.read("0{")
	c.write("40")
	c.read("40{")
	c.write(`42["session_request",null]`)
	_, c.session, _ = strings.Cut(c.read(`42["session_confirm"`), `,"`)
	c.session = strings.TrimSuffix(c.session, `"]`)
}

func (c *raw) converse() {
	text := "I am " + c.session
	c.write(`42["user_uttered",{"message":"` + text + `","session_id":"` + c.session + `"}]`)
	c.read(`42["bot_uttered",{"text":"` + text + `"}]`)
}

// write sends a text frame, masked with zeros.
func (c *raw) write(packet string) {
	frame := []byte{0x81, 0x80 | 126, byte(len(packet) >> 8), byte(len(packet)), 0, 0, 0, 0}
	if len(packet) < 126 {
		frame = []byte{0x81, 0x80 | byte(len(packet)), 0, 0, 0, 0}
	}
	if _, err := c.conn.Write(append(frame, packet...)); err != nil {
		c.t.Error(err)
	}
}

// read returns the next packet but pings, which must begin so.
func (c *raw) read(prefix string) string {
	packet := c.frame()
	for packet == "2" {
		c.write("3")
		packet = c.frame()
	}
	if !strings.HasPrefix(packet, prefix) {
		c.t.Errorf("%q, want %q", packet, prefix)
	}
	return packet
}

// frame returns what is in the next frame.
func (c *raw) frame() string {
	c.conn.SetReadDeadline(time.Now().Add(c.patience))
	var head [2]byte
	_, err := io.ReadFull(c.conn, head[:])
	length := int(head[1])
	if length == 126 && err == nil {
		var more [2]byte
		_, err = io.ReadFull(c.conn, more[:])
		length = int(binary.BigEndian.Uint16(more[:]))
	}
	packet := make([]byte, length)
	if err == nil {
		_, err = io.ReadFull(c.conn, packet)
	}
	if err != nil {
		c.t.Errorf("the connection has ended: %v", err)
	}
	return string(packet)
}

// oneByte reads one byte at a time.
type oneByte struct{ io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.Reader.Read(p[:1]) }
