package wire_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// socket is a connection of Engine.IO 4, by polling or by WebSocket:
// https://socket.io/docs/v4/engine-io-protocol/
// It answers pings, and does nothing else by itself.
type socket struct {
	t    *testing.T
	ctx  context.Context
	name string
	url  string // of the engine, with the version

	cancel   context.CancelFunc
	paused   chan struct{}        // takes a value when polling has stopped for an upgrade
	upgraded chan *websocket.Conn // what polling stopped for
	incoming chan string          // closed when the server has ended the connection
	posting  sync.Mutex           // a client of polling posts one payload after another

	mu  sync.Mutex
	ws  *websocket.Conn // nil while it polls
	sid string
}

// openSocket opens a connection. Its handshake is the first packet.
func openSocket(ctx context.Context, t *testing.T, name, url, transport string) *socket {
	t.Helper()
	s := &socket{t: t, name: name, url: url + "/socket.io/?EIO=4&transport=", paused: make(chan struct{}, 1), upgraded: make(chan *websocket.Conn, 1), incoming: make(chan string, 1000)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	if transport == webSocket {
		if s.ws = s.dial(""); s.ws == nil {
			close(s.incoming)
			return s
		}
		go s.readWebSocket(s.ws)
		return s
	}
	go s.poll()
	return s
}

func (s *socket) dial(query string) *websocket.Conn {
	ws, _, err := websocket.Dial(s.ctx, s.url+webSocket+query, nil)
	if err != nil {
		s.t.Errorf("%s: %v", s.name, err)
		return nil
	}
	ws.SetReadLimit(-1)
	return ws
}

// readWebSocket hands on what comes by a WebSocket, until it ends.
func (s *socket) readWebSocket(ws *websocket.Conn) {
	defer close(s.incoming)
	for {
		kind, data, err := ws.Read(s.ctx)
		if err != nil {
			return
		}
		packet := string(data)
		if kind == websocket.MessageBinary {
			packet = "b" + base64.StdEncoding.EncodeToString(data)
		}
		if !s.handle(packet) {
			return
		}
	}
}

// poll polls until the server says that the connection has ended, or until the upgrade.
func (s *socket) poll() {
	for {
		status, payload := s.request(http.MethodGet, "")
		if status != http.StatusOK {
			close(s.incoming)
			return
		}
		for packet := range strings.SplitSeq(payload, "\x1e") {
			switch {
			case packet == "6": // the upgrade lets go of the poll
				s.paused <- struct{}{}
				select {
				case ws := <-s.upgraded:
					s.readWebSocket(ws)
				case <-s.ctx.Done():
				}
				return
			case !s.handle(packet):
				close(s.incoming)
				return
			}
		}
	}
}

// handle hands a packet on, and answers a ping. It reports whether the connection goes on.
func (s *socket) handle(packet string) bool {
	switch {
	case packet == "2":
		s.send("3")
		return true
	case packet == "1":
		return false
	case strings.HasPrefix(packet, "0{"):
		var handshake struct {
			SID string `json:"sid"`
		}
		_ = json.Unmarshal([]byte(packet[1:]), &handshake) // a bad one differs from a good one
		s.mu.Lock()
		s.sid = handshake.SID
		s.mu.Unlock()
	}
	select {
	case s.incoming <- packet:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// next returns the next packet, false when the server has ended the connection.
func (s *socket) next() (packet string, ok bool) {
	select {
	case packet, ok = <-s.incoming:
	case <-s.ctx.Done():
		s.t.Errorf("%s: no packet comes", s.name)
	}
	return packet, ok
}

// isClosed reports whether the server has ended the connection and all packets are taken.
func (s *socket) isClosed() bool {
	select {
	case _, ok := <-s.incoming:
		return !ok
	default:
		return false
	}
}

// send sends a packet of Engine.IO. What the server does not take shows in what comes.
func (s *socket) send(packet string) {
	if ws := s.webSocket(); ws != nil {
		_ = ws.Write(s.ctx, websocket.MessageText, []byte(packet))
		return
	}
	s.post(packet)
}

// post posts a payload of polling.
func (s *socket) post(payload string) {
	s.posting.Lock()
	defer s.posting.Unlock()
	s.request(http.MethodPost, payload)
}

// sendBinary sends bytes, which are given in base64.
func (s *socket) sendBinary(encoded string) {
	ws := s.webSocket()
	if ws == nil {
		s.post("b" + encoded)
		return
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		s.t.Errorf("%s: %v", s.name, err)
	}
	_ = ws.Write(s.ctx, websocket.MessageBinary, data)
}

func (s *socket) webSocket() *websocket.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ws
}

// upgrade goes on by a WebSocket: the probe, then the packet that ends the polling.
func (s *socket) upgrade() {
	s.mu.Lock()
	sid := s.sid
	s.mu.Unlock()
	ws := s.dial("&sid=" + sid)
	if ws == nil {
		return
	}
	_ = ws.Write(s.ctx, websocket.MessageText, []byte("2probe"))
	if _, data, err := ws.Read(s.ctx); err != nil || string(data) != "3probe" {
		s.t.Errorf("%s: the probe is answered %q, %v", s.name, data, err)
	}
	select {
	case <-s.paused: // else a poll might come after the change
	case <-s.ctx.Done():
		s.t.Errorf("%s: no poll is let go for the upgrade", s.name)
	}
	s.mu.Lock()
	s.ws = ws
	s.mu.Unlock()
	_ = ws.Write(s.ctx, websocket.MessageText, []byte("5"))
	s.upgraded <- ws
}

// close ends the connection without a word.
func (s *socket) close() {
	s.cancel()
	if ws := s.webSocket(); ws != nil {
		_ = ws.CloseNow()
	}
}

// request makes a request of polling.
func (s *socket) request(method, payload string) (status int, answer string) {
	url := s.url + polling
	s.mu.Lock()
	if s.sid != "" {
		url += "&sid=" + s.sid
	}
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(s.ctx, method, url, strings.NewReader(payload))
	if err != nil {
		s.t.Errorf("%s: %v", s.name, err)
		return 0, ""
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	data, _ := io.ReadAll(res.Body) // half a payload is as good as none
	return res.StatusCode, string(data)
}
