package socketio

import (
	"container/list"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// maxIdle is how many connections may be in no namespace: a handshake costs a stranger
	// nothing.
	maxIdle = 1000
	// connectTimeout is how long a new connection may be in none.
	connectTimeout = 5 * time.Second
)

// engine is a server of Engine.IO 4, by which Socket.IO 3 and 4 connect:
// https://socket.io/docs/v4/engine-io-protocol/
type engine struct {
	pingInterval, pingTimeout time.Duration
	maxPayload                int64
	maxConns                  int
	log                       *slog.Logger

	// work counts the requests, sends and reports under way.
	work  sync.WaitGroup
	mu    sync.Mutex
	conns map[string]*conn
	// idle has the connections whose clients are in no namespace, those that have been so
	// for longest first.
	idle   list.List
	closed bool
}

// serve answers a request. Accept makes the receiver of a new connection.
func (e *engine) serve(w http.ResponseWriter, r *http.Request, accept func(*conn) receiver) {
	if !e.begin() {
		tooManyClients().write(w)
		return
	}
	defer e.work.Done()
	if m := e.route(w, r, accept); m != nil {
		m.write(w)
	}
}

func (e *engine) route(w http.ResponseWriter, r *http.Request, accept func(*conn) receiver) *protocolError {
	q := r.URL.Query()
	sid, transport := q.Get("sid"), q.Get("transport")
	switch {
	case q.Get("EIO") != "4":
		return unsupportedVersion()
	case transport != "polling" && transport != "websocket":
		return unknownTransport()
	case r.Method != http.MethodGet && (r.Method != http.MethodPost || sid == "" || transport == "websocket"):
		return badMethod()
	}
	var c *conn
	if sid == "" {
		c = e.open(accept)
		if c == nil {
			return tooManyClients()
		}
	} else if c = e.find(sid); c == nil {
		return unknownSession()
	}
	switch {
	case transport == "websocket":
		return c.serveWebSocket(w, r, sid == "")
	case sid == "":
		c.answerHandshake(w)
		return nil
	case r.Method == http.MethodPost:
		return c.post(w, r)
	}
	return c.poll(w, r)
}

// begin counts one more piece of work, unless the engine is closed. Whoever got true
// calls work.Done in the end.
func (e *engine) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.work.Add(1)
	return true
}

// open returns a new connection, nil when there are too many. One whose client is in no
// namespace gives way to it: else handshakes alone, which cost a stranger nothing, would
// keep everybody out.
func (e *engine) open(accept func(*conn) receiver) *conn {
	c := &conn{id: newSocketID(), engine: e, ready: make(chan struct{}, 1)}
	c.lifetime, c.cancel = context.WithCancel(context.Background())
	c.receiver = accept(c)
	displaced, ok := e.add(c)
	if displaced != nil {
		displaced.end("it gave way to a newer one", 0)
	}
	if !ok {
		c.cancel()
		return nil
	}
	return c
}

// add takes a connection in. When there are too many, it takes an idle one out, which the
// caller must end.
func (e *engine) add(c *conn) (displaced *conn, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, false
	}
	if len(e.conns) >= e.maxConns || e.idle.Len() >= maxIdle {
		longest := e.idle.Front()
		if longest == nil {
			return nil, false
		}
		displaced = longest.Value.(*conn)
		e.drop(displaced)
	}
	e.conns[c.id] = c
	c.idle = e.idle.PushBack(c)
	c.timer = time.AfterFunc(min(connectTimeout, e.pingInterval), c.heartbeat)
	return displaced, true
}

// setIdle records whether the client of a connection is in no namespace.
func (e *engine) setIdle(c *conn, idle bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.conns[c.id] != c: // it has given way, or has ended
	case idle && c.idle == nil:
		c.idle = e.idle.PushBack(c)
	case !idle && c.idle != nil:
		e.idle.Remove(c.idle)
		c.idle = nil
	}
}

func (e *engine) isIdle(c *conn) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return c.idle != nil
}

func (e *engine) find(id string) *conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.conns[id]
}

func (e *engine) remove(c *conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop(c)
}

// drop is remove for those who hold the lock.
func (e *engine) drop(c *conn) {
	delete(e.conns, c.id)
	if c.idle != nil {
		e.idle.Remove(c.idle)
		c.idle = nil
	}
}

// close ends every connection and waits for all work under way. The clients connect
// again, to the next program or another replica.
func (e *engine) close() {
	e.mu.Lock()
	e.closed = true
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

// handshakePacket returns the packet that opens a connection.
func (c *conn) handshakePacket(upgrades ...string) []byte {
	data, _ := json.Marshal(struct { // texts and numbers
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int64    `json:"maxPayload"`
	}{c.id, append([]string{}, upgrades...), c.engine.pingInterval.Milliseconds(), c.engine.pingTimeout.Milliseconds(), c.engine.maxPayload})
	return append([]byte{engineOpen}, data...)
}
