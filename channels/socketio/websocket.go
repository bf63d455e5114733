package socketio

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// upgradeTimeout bounds the upgrade to a WebSocket, as in the JavaScript server.
const upgradeTimeout = 10 * time.Second

// serveWebSocket serves a connection over a WebSocket. A fresh connection begins with it.
// Another one has polled so far, and changes over once the client's probe was answered.
func (c *conn) serveWebSocket(w http.ResponseWriter, r *http.Request, fresh bool) *protocolError {
	if !fresh && !c.beginProbe() {
		return badRequest("the connection is a WebSocket")
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // the service has checked the origin, by --cors
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		c.abandon(fresh)
		return nil // Accept has answered
	}
	defer func() { _ = ws.CloseNow() }() // when it is still open it is of no use
	ws.SetReadLimit(c.engine.maxPayload)
	if fresh {
		err = write(ws, c.handshakePacket())
	} else {
		err = c.upgrade(r.Context(), ws)
	}
	if err != nil {
		c.abandon(fresh)
		return nil
	}
	if c.attach(ws) {
		c.reportReturn()
		c.flush()
		c.read(r.Context(), ws)
	}
	return nil
}

// abandon is called when no WebSocket came about. It ends a fresh connection; a client
// that polls goes on polling.
func (c *conn) abandon(fresh bool) {
	if fresh {
		c.end("no WebSocket", 0)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probing = false
}

func (c *conn) beginProbe() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil || c.probing {
		return false
	}
	c.probing = true
	return true
}

// upgrade answers the client's probe and waits until it has ended its last poll.
func (c *conn) upgrade(ctx context.Context, ws *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, upgradeTimeout)
	defer cancel()
	defer context.AfterFunc(c.lifetime, cancel)()
	if err := expect(ctx, ws, string(enginePing)+probe); err != nil {
		return err
	}
	if err := write(ws, []byte(string(enginePong)+probe)); err != nil {
		return err
	}
	c.notify() // the poll under way sees that it must end soon
	return expect(ctx, ws, string(engineUpgrade))
}

func expect(ctx context.Context, ws *websocket.Conn, packet string) error {
	_, got, err := ws.Read(ctx)
	if err == nil && string(got) != packet {
		err = errors.New("not what a client sends that changes over")
	}
	return err
}

// attach changes the connection to the WebSocket. It returns false when it has ended.
func (c *conn) attach(ws *websocket.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probing = false
	if c.ended {
		return false
	}
	c.ws = ws
	c.notify()
	return true
}

// read receives the client's packets until the WebSocket ends. The request was hijacked,
// so ctx ends with the program and not when the client goes away.
func (c *conn) read(ctx context.Context, ws *websocket.Conn) {
	for {
		kind, packet, err := ws.Read(ctx)
		if err != nil {
			c.end("the client went away", 0)
			return
		}
		if kind == websocket.MessageText { // binary attachments belong to events that were refused
			c.receive(ctx, packet)
		}
	}
}
