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
// MANYVOX_SOCKETIO_SESSIONS says. It logs what a session costs, and checks that nothing
// of it is left afterwards. Its clients have no goroutine and no buffer of their own, so
// that the server's are measured alone.
func TestLoad(t *testing.T) { //nolint:paralleltest // it measures the process
	sessions := 200
	if n, err := strconv.Atoi(os.Getenv("MANYVOX_SOCKETIO_SESSIONS")); err == nil {
		sessions = n
	}
	auth := signedWith(t, time.Now().Add(time.Hour).Unix(), "") // the end of a token needs no goroutine
	p := run(t, programOptions{block: "  session_persistence: true\n  jwt_key: " + jwtKey + "\n"})
	const warm = 20 // so that pools and the like are there before
	idle := open(t, p, auth, warm)
	before := measure()
	began := time.Now()
	clients := open(t, p, auth, sessions)
	connected := time.Since(began)
	await(t, "a session has one goroutine", func() bool { return runtime.NumGoroutine()-before.goroutines <= sessions })
	during := measure()
	began = time.Now()
	each(clients, (*rawClient).converse)
	answered := time.Since(began)
	after := measure()
	t.Logf("%d sessions: connected in %v, each asked and answered in %v", sessions, connected.Round(time.Millisecond), answered.Round(time.Millisecond))
	t.Logf("a session: %.1f KiB of heap and stacks (%.1f KiB once it has talked), %.2f goroutines",
		perSession(before.memory, during.memory, sessions), perSession(before.memory, after.memory, sessions),
		float64(during.goroutines-before.goroutines)/float64(sessions))
	if n := p.channel.Senders(); n != sessions+warm {
		t.Errorf("%d senders are connected, want %d", n, sessions+warm)
	}
	each(clients, func(c *rawClient) { c.conn.Close() })
	for end := time.Now().Add(waitTimeout); measure().goroutines > before.goroutines; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, and there were %d before", measure().goroutines, before.goroutines)
		}
	}
	if n := p.channel.Connections(); n != warm {
		t.Errorf("%d connections are left, want %d", n, warm)
	}
	t.Logf("afterwards: %d goroutines, as before", measure().goroutines)
	each(idle, func(c *rawClient) { c.conn.Close() })
}

type usage struct{ memory, goroutines int }

func measure() usage {
	runtime.GC()
	runtime.GC() // what the first has found in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{int(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine()}
}

func perSession(before, after, sessions int) float64 {
	return float64(after-before) / float64(sessions) / 1024
}

// rawClient is a client that is no more than the connection of a WebSocket.
type rawClient struct {
	t       testing.TB
	conn    net.Conn
	auth    string // JSON with which it connects to the namespace, "" for none
	session string
	timeout time.Duration
}

// open connects so many clients, each with a session.
func open(t *testing.T, p *program, auth string, n int) []*rawClient {
	t.Helper()
	clients := make([]*rawClient, n)
	for i := range clients {
		clients[i] = &rawClient{t: t, auth: auth, timeout: 4 * waitTimeout}
	}
	each(clients, func(c *rawClient) { c.connect(p.addr) })
	t.Cleanup(func() { each(clients, func(c *rawClient) { c.conn.Close() }) })
	return clients
}

// each does something with all of them, some at once.
func each(clients []*rawClient, do func(*rawClient)) {
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

func (c *rawClient) connect(addr string) {
	var err error
	if c.conn, err = net.DialTimeout("tcp", addr, waitTimeout); err != nil {
		c.t.Error(err)
		return
	}
	c.greet()
}

// greet opens the WebSocket and asks for a session.
func (c *rawClient) greet() {
	fmt.Fprintf(c.conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
	one := bufio.NewReaderSize(oneByte{c.conn}, 16) // reads no further than the answer
	res, err := http.ReadResponse(one, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		c.t.Errorf("%v, %v", res, err)
		return
	}
	c.read("0{")
	c.write("40" + c.auth)
	c.read("40{")
	c.write(`42["session_request",null]`)
	_, c.session, _ = strings.Cut(c.read(`42["session_confirm"`), `,"`)
	c.session = strings.TrimSuffix(c.session, `"]`)
}

func (c *rawClient) converse() {
	text := "I am " + c.session
	c.write(`42["user_uttered",{"message":"` + text + `","session_id":"` + c.session + `"}]`)
	c.read(`42["bot_uttered",{"text":"` + text + `"}]`)
}

// write sends a text frame, masked with zeros.
func (c *rawClient) write(packet string) {
	frame := []byte{0x81, 0x80 | 126, byte(len(packet) >> 8), byte(len(packet)), 0, 0, 0, 0}
	if len(packet) < 126 {
		frame = []byte{0x81, 0x80 | byte(len(packet)), 0, 0, 0, 0}
	}
	if _, err := c.conn.Write(append(frame, packet...)); err != nil {
		c.t.Error(err)
	}
}

// read returns the next packet but pings, which must begin so.
func (c *rawClient) read(prefix string) string {
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
func (c *rawClient) frame() string {
	c.conn.SetReadDeadline(time.Now().Add(c.timeout))
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
