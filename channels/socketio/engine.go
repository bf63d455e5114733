package socketio

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/manyvox/manyvox/channels"
)

// collectTimeout is short because a client that is there polls again at once, and each
// reply that waits takes the place of another's.
const collectTimeout = 3 * time.Second

// engine is a server of Engine.IO 4, by which Socket.IO 3 and 4 connect:
// https://socket.io/docs/v4/engine-io-protocol/
type engine struct {
	pingInterval, pingTimeout time.Duration
	// collectTimeout is how long a reply waits for a client that polls to come for it.
	collectTimeout time.Duration
	maxPayload     int64
	maxConns       int
	log            *slog.Logger

	// work is whatever is under way.
	work  sync.WaitGroup
	mu    sync.Mutex
	conns map[string]*conn
	shut  bool
}

// mistake is what a client is told that did not keep to the protocol. Its code and
// message are those of the JavaScript server.
type mistake struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func unknownTransport() *mistake   { return &mistake{http.StatusBadRequest, 0, "Transport unknown"} }
func unknownSession() *mistake     { return &mistake{http.StatusBadRequest, 1, "Session ID unknown"} }
func badMethod() *mistake          { return &mistake{http.StatusBadRequest, 2, "Bad handshake method"} }
func badRequest(m string) *mistake { return &mistake{http.StatusBadRequest, 3, m} }
func full() *mistake {
	return &mistake{http.StatusServiceUnavailable, 4, "too many clients, or the server is shutting down"}
}
func otherVersion() *mistake {
	return &mistake{http.StatusBadRequest, 5, "Unsupported protocol version: Engine.IO 4 is, which Socket.IO clients speak from version 3 on"}
}

func (m *mistake) answer(w http.ResponseWriter) {
	body, _ := channels.Marshal(m) // a number and a text
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(m.status)
	_, _ = w.Write(body) //nolint:gosec // words of our own, labelled as JSON; a client that is gone needs no answer
}

// serve answers a request. Accept makes the receiver of a new connection.
func (e *engine) serve(w http.ResponseWriter, r *http.Request, accept func(*conn) receiver) {
	if !e.enter() {
		full().answer(w)
		return
	}
	defer e.work.Done()
	if m := e.route(w, r, accept); m != nil {
		m.answer(w)
	}
}

func (e *engine) route(w http.ResponseWriter, r *http.Request, accept func(*conn) receiver) *mistake {
	q := r.URL.Query()
	sid, transport := q.Get("sid"), q.Get("transport")
	switch {
	case q.Get("EIO") != "4":
		return otherVersion()
	case transport != "polling" && transport != "websocket":
		return unknownTransport()
	case r.Method != http.MethodGet && (r.Method != http.MethodPost || sid == "" || transport == "websocket"):
		return badMethod()
	}
	var c *conn
	if sid == "" {
		c = e.open(accept)
		if c == nil {
			return full()
		}
	} else if c = e.find(sid); c == nil {
		return unknownSession()
	}
	switch {
	case transport == "websocket":
		return c.serveWebSocket(w, r, sid == "")
	case sid == "":
		c.greet(w)
		return nil
	case r.Method == http.MethodPost:
		return c.post(w, r)
	}
	return c.poll(w, r)
}

// enter counts a request in unless the engine is shut.
func (e *engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut {
		return false
	}
	e.work.Add(1)
	return true
}

// open returns a new connection, nil when there are too many.
func (e *engine) open(accept func(*conn) receiver) *conn {
	c := &conn{id: newSocketID(), engine: e, ready: make(chan struct{}, 1)}
	c.lifetime, c.die = context.WithCancel(context.Background())
	c.to = accept(c)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut || len(e.conns) >= e.maxConns {
		c.die()
		return nil
	}
	e.conns[c.id] = c
	c.timer = time.AfterFunc(e.pingInterval, c.beat)
	return c
}

func (e *engine) find(id string) *conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.conns[id]
}

func (e *engine) remove(c *conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.conns, c.id)
}

// close ends every connection, so that the clients connect again to whoever is there
// then, and waits for all that is under way.
func (e *engine) close() {
	e.mu.Lock()
	e.shut = true
	conns := make([]*conn, 0, len(e.conns))
	for _, c := range e.conns {
		conns = append(conns, c)
	}
	e.mu.Unlock()
	for _, c := range conns {
		c.end("the server is shutting down", websocket.StatusGoingAway)
	}
	e.work.Wait()
}

// greeting returns the packet that opens a connection.
func (c *conn) greeting(upgrades ...string) []byte {
	data, _ := json.Marshal(struct { // texts and numbers
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int64    `json:"maxPayload"`
	}{c.id, append([]string{}, upgrades...), c.engine.pingInterval.Milliseconds(), c.engine.pingTimeout.Milliseconds(), c.engine.maxPayload})
	return append([]byte{engineOpen}, data...)
}
