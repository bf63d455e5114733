package socketio

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// writeTimeout bounds a write to a WebSocket.
	writeTimeout = 5 * time.Second
	// maxQueue is how many packets wait for a client that polls.
	maxQueue = 1000
)

// receiver is who a connection is for. Message is called by one goroutine at a time.
type receiver interface {
	// message takes what stands in an Engine.IO message. An error ends the connection.
	message(ctx context.Context, data []byte) error
	// idle reports whether nobody would miss the connection.
	idle() bool
	// returned is called when a client polls again after deliver has given up.
	returned()
	// closed is called once, when the connection has ended.
	closed()
}

// conn is an Engine.IO connection: what a client and we say to each other, first by
// polling and then, or from the start, by a WebSocket.
type conn struct {
	id     string
	engine *engine
	to     receiver
	// receiving lets one packet in at a time.
	receiving sync.Mutex
	// ready has an item when a poll has something to look at.
	ready chan struct{}
	// lifetime ends with the connection.
	lifetime context.Context
	die      context.CancelFunc

	mu    sync.Mutex
	queue []*item
	ws    *websocket.Conn // nil while the client polls
	// polling and posting say that such a request is under way, probing that a
	// WebSocket is being tried, writing that somebody writes to it.
	polling, posting, probing, writing bool
	// missed says that deliver gave up because the client did not poll.
	missed bool
	// awaiting says that a ping has not been answered.
	awaiting bool
	ended    bool
	timer    *time.Timer
}

// item is a packet on its way to the client.
type item struct {
	packet []byte
	// taken gets the outcome when somebody waits for it.
	taken chan error
}

func (i *item) settle(err error) {
	if i.taken != nil {
		i.taken <- err // has room for the one
	}
}

var (
	errGone   = errors.New("the connection has ended")
	errNoPoll = errors.New("the client does not poll")
)

// push sends a packet without waiting for it.
func (c *conn) push(packet []byte) { c.enqueue(&item{packet: packet}) }

// deliver sends a packet and returns nil once it was written to the client.
func (c *conn) deliver(ctx context.Context, packet []byte) error {
	it := &item{packet: packet, taken: make(chan error, 1)}
	c.enqueue(it)
	timeout := time.NewTimer(c.engine.collectTimeout)
	defer timeout.Stop()
	select {
	case err := <-it.taken:
		return err
	case <-timeout.C:
	case <-ctx.Done():
	}
	if c.withdraw(it) {
		return errNoPoll
	}
	return <-it.taken // whoever has it ends in time
}

// withdraw takes out an item that nobody has collected.
func (c *conn) withdraw(it *item) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.queue, it)
	if i < 0 {
		return false
	}
	c.queue = slices.Delete(c.queue, i, i+1)
	c.missed = true
	return true
}

func (c *conn) enqueue(it *item) {
	c.mu.Lock()
	full := len(c.queue) >= maxQueue
	if c.ended || full {
		c.mu.Unlock()
		it.settle(errGone)
		if full {
			c.end("too much waits for the client", websocket.StatusPolicyViolation)
		}
		return
	}
	c.queue = append(c.queue, it)
	c.mu.Unlock()
	c.notify()
	c.flush()
}

func (c *conn) notify() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// flush writes what waits to the WebSocket, unless somebody does so already.
func (c *conn) flush() {
	for {
		c.mu.Lock()
		if c.ws == nil || c.writing || c.ended || len(c.queue) == 0 {
			c.mu.Unlock()
			return
		}
		items := c.queue
		c.queue, c.writing = nil, true
		c.mu.Unlock()
		err := c.writeAll(items)
		c.mu.Lock()
		c.writing = false
		c.mu.Unlock()
		if err != nil {
			c.end("the client takes nothing", 0)
			return
		}
	}
}

// writeAll settles every item. A message that was not written whole cannot have been
// read, so a failure means that the client has not seen it.
func (c *conn) writeAll(items []*item) (err error) {
	for _, it := range items {
		if err == nil {
			err = write(c.ws, it.packet)
		}
		if err != nil {
			it.settle(errGone)
			continue
		}
		it.settle(nil)
	}
	return err
}

func write(ws *websocket.Conn, packet []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return ws.Write(ctx, websocket.MessageText, packet)
}

// receive takes a packet of the client.
func (c *conn) receive(ctx context.Context, packet []byte) {
	c.receiving.Lock()
	defer c.receiving.Unlock()
	if len(packet) == 0 {
		c.end("an empty packet", websocket.StatusProtocolError)
		return
	}
	switch packet[0] {
	case engineMessage:
		if err := c.to.message(ctx, packet[1:]); err != nil {
			c.end(err.Error(), websocket.StatusProtocolError)
		}
	case enginePong:
		c.pong()
	case engineClose:
		c.end("the client closed it", websocket.StatusNormalClosure)
	case enginePing, engineUpgrade, engineNoop, engineBinary: // nothing that is meant for us
	default:
		c.end("a packet of no known type", websocket.StatusProtocolError)
	}
}

// beat is called when it is time for a ping, or for its answer to be there.
func (c *conn) beat() {
	if !c.engine.enter() {
		return
	}
	defer c.engine.work.Done()
	idle := c.to.idle()
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	if c.awaiting || idle {
		c.mu.Unlock()
		c.end("the client is silent", 0)
		return
	}
	c.awaiting = true
	c.timer.Reset(c.engine.pingTimeout)
	c.mu.Unlock()
	c.push([]byte{enginePing})
}

func (c *conn) pong() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awaiting && !c.ended {
		c.awaiting = false
		c.timer.Reset(c.engine.pingInterval)
	}
}

// end ends the connection. A status is told to a WebSocket, 0 cuts it off.
func (c *conn) end(reason string, status websocket.StatusCode) {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	c.ended = true
	c.timer.Stop()
	ws, left := c.ws, c.queue
	c.queue = nil
	c.mu.Unlock()
	c.die()
	for _, it := range left {
		it.settle(errGone)
	}
	c.engine.remove(c)
	c.to.closed()
	c.engine.log.Debug("connection ended", "reason", reason)
	switch {
	case ws == nil:
	case status == 0:
		_ = ws.CloseNow() // it is of no use any more
	default:
		c.engine.work.Go(func() { _ = ws.Close(status, reason) }) // waits a moment for the client's word
	}
}
