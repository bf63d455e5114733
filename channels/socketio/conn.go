package socketio

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// writeTimeout bounds a write to a WebSocket, with a second more for each writeRate
	// bytes: a reply of channels.MaxReply has 37 s, less than a platform call may take.
	writeTimeout = 5 * time.Second
	writeRate    = 512 << 10
)

// receiver is the Socket.IO side of a connection. The connection calls message from one
// goroutine at a time.
type receiver interface {
	// message takes the content of an Engine.IO message. An error ends the connection.
	message(ctx context.Context, data []byte) error
	// returned is called when a client takes packets again for which deliver has failed
	// because it did not.
	returned()
	// closed is called once, when the connection has ended.
	closed()
}

// conn is an Engine.IO connection. It begins by polling and may change to a WebSocket, or
// is a WebSocket from the start.
type conn struct {
	id       string
	engine   *engine
	receiver receiver
	// receiving is held while a packet is handled, so that packets stay in order.
	receiving sync.Mutex
	// ready has an item when the state has changed that a poll waits for.
	ready chan struct{}
	// idle is the connection's place in the engine's list of those whose clients are in no
	// namespace, nil when its client is in one. It belongs to the engine, under its lock.
	idle *list.Element
	// lifetime ends with the connection.
	lifetime context.Context
	cancel   context.CancelFunc

	mu    sync.Mutex
	queue []*item
	ws    *websocket.Conn // nil while the client polls
	// polling and posting say that such a request is under way, probing that the
	// client tries a WebSocket, writing that a goroutine writes to it or answers a poll.
	polling, posting, probing, writing bool
	// missed says that deliver has failed because the client did not poll.
	missed bool
	// awaiting says that a ping has not been answered.
	awaiting bool
	ended    bool
	timer    *time.Timer
	alarm    *time.Timer // nil when none was set
}

// takes reports, to those who hold the lock, whether the client takes packets now.
func (c *conn) takes() bool { return c.ws != nil || c.polling }

// reportReturn tells the receiver of a client that takes packets again and has missed some.
func (c *conn) reportReturn() {
	c.mu.Lock()
	report := c.missed && c.takes()
	if report {
		c.missed = false
	}
	c.mu.Unlock()
	if report {
		c.receiver.returned()
	}
}

func (c *conn) notify() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// flush writes the queue to the WebSocket, unless another goroutine does so already.
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

// writeAll writes the items and gives each its outcome. A message that was not written
// whole cannot have been read, so a failure means that the client has not seen it.
func (c *conn) writeAll(items []*item) (err error) {
	for _, it := range items {
		if err == nil {
			err = write(c.ws, it.packet)
		}
		if err != nil {
			it.finish(errGone)
			continue
		}
		it.finish(nil)
	}
	return err
}

func write(ws *websocket.Conn, packet []byte) error {
	limit := writeTimeout + time.Duration(len(packet)/writeRate)*time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit)
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
		if err := c.receiver.message(ctx, packet[1:]); err != nil {
			c.end(err.Error(), websocket.StatusProtocolError)
		}
	case enginePong:
		c.alive()
	case engineClose:
		c.end("the client closed it", websocket.StatusNormalClosure)
	case enginePing, engineUpgrade, engineNoop, engineBinary: // nothing that is meant for us
	default:
		c.end("a packet of no known type", websocket.StatusProtocolError)
	}
}

// setAlarm has f called after a while, as the receiver's message is called. It replaces the
// alarm that was set before. The end of the connection stops it.
func (c *conn) setAlarm(after time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopAlarm()
	if c.ended {
		return
	}
	c.alarm = time.AfterFunc(after, func() { // and not a goroutine that waits
		if !c.engine.begin() {
			return
		}
		defer c.engine.work.Done()
		c.receiving.Lock()
		defer c.receiving.Unlock()
		f()
	})
}

// stopAlarm stops the alarm for those who hold the lock. One that rings at this moment may
// still call its function.
func (c *conn) stopAlarm() {
	if c.alarm != nil {
		c.alarm.Stop()
	}
}

// heartbeat is called when it is time for a ping, or for its answer to be there.
func (c *conn) heartbeat() {
	if !c.engine.begin() {
		return
	}
	defer c.engine.work.Done()
	idle := c.engine.isIdle(c)
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	if c.awaiting && c.writing && !idle { // the ping may stand behind a large packet, whose write ends in time
		c.timer.Reset(c.engine.pingTimeout)
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

// admit is called when the client has connected to a namespace.
func (c *conn) admit() {
	c.engine.setIdle(c, false)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended && !c.awaiting {
		c.timer.Reset(c.engine.pingInterval)
	}
}

// hold keeps a packet, and all behind it, for a while: a client that was offline sends at
// once what it has kept. It reports false when ctx or the connection has ended. The answer to
// a ping may be among what waits.
func (c *conn) hold(ctx context.Context, wait time.Duration) bool {
	if wait > 0 {
		c.alive()
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-c.lifetime.Done():
		}
	}
	return ctx.Err() == nil && c.lifetime.Err() == nil
}

// alive is called when the client has answered a ping, or may have.
func (c *conn) alive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awaiting && !c.ended {
		c.awaiting = false
		c.timer.Reset(c.engine.pingInterval)
	}
}

// end ends the connection, once. A WebSocket is closed with the status and the reason;
// status 0 closes it without the closing handshake.
func (c *conn) end(reason string, status websocket.StatusCode) {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	c.ended = true
	c.timer.Stop()
	c.stopAlarm()
	ws, left := c.ws, c.queue
	c.queue = nil
	c.mu.Unlock()
	c.cancel()
	for _, it := range left {
		it.finish(errGone)
	}
	c.engine.remove(c)
	c.receiver.closed()
	c.engine.log.Debug("connection ended", "reason", reason)
	switch {
	case ws == nil:
	case status == 0:
		_ = ws.CloseNow() // it is of no use any more
	default:
		c.engine.work.Go(func() { _ = ws.Close(status, reason) }) // waits a moment for the client's answer
	}
}
