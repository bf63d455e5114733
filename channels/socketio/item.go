package socketio

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/coder/websocket"
)

const (
	// deliverTimeout bounds the wait for earlier packets of a WebSocket to be written. It is
	// short because a Send that waits holds a slot that another conversation could use.
	deliverTimeout = 3 * time.Second
	// maxQueue is how many packets wait for a client that polls.
	maxQueue = 1000
	// maxLeft is how many may wait for one that can do without.
	maxLeft = 32
)

// item is a packet on its way to the client.
type item struct {
	packet []byte
	// outcome gets the result of the write, for deliver. It is nil when nobody waits.
	outcome chan error
}

func (i *item) finish(err error) {
	if i.outcome != nil {
		i.outcome <- err // has room for the one
	}
}

var (
	errGone   = errors.New("the connection has ended")
	errNoPoll = errors.New("the client does not poll")
)

// push sends a packet without waiting for it. A client that polls gets it by its next poll.
func (c *conn) push(packet []byte) { c.enqueue(&item{packet: packet}) }

// leave is push for a packet that the client may do without when too many wait already.
func (c *conn) leave(packet []byte) {
	c.mu.Lock()
	full := len(c.queue) >= maxLeft
	c.mu.Unlock()
	if !full {
		c.push(packet)
	}
}

// deliver sends a packet and returns nil once it was written to the client: over its
// WebSocket, or as the answer to the poll that is under way. It waits for no other poll,
// which may never come, but fails with errNoPoll.
func (c *conn) deliver(ctx context.Context, packet []byte) error {
	it := &item{packet: packet, outcome: make(chan error, 1)}
	c.enqueue(it)
	timeout := time.NewTimer(deliverTimeout)
	defer timeout.Stop()
	select {
	case err := <-it.outcome:
		return err
	case <-timeout.C:
	case <-ctx.Done():
	}
	if c.withdraw(it) {
		return errNoPoll
	}
	return <-it.outcome // whoever has it ends in time
}

// withdraw removes an item that nobody writes yet. It returns false when somebody does.
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
	if it.outcome != nil && !c.ended && !c.takes() {
		c.missed = true
		c.mu.Unlock()
		it.finish(errNoPoll)
		return
	}
	full := len(c.queue) >= maxQueue
	if c.ended || full {
		c.mu.Unlock()
		it.finish(errGone)
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

// putBack returns items that could not be written to the head of the queue.
func (c *conn) putBack(items []*item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []*item
	for _, it := range items {
		if it.outcome == nil {
			left = append(left, it)
			continue
		}
		c.missed = true
		it.finish(errNoPoll)
	}
	if !c.ended {
		c.queue = append(left, c.queue...)
	}
}
