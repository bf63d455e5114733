package socketio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// probePause is how long a poll waits while the client tries a WebSocket: it changes over
// only when no poll is under way.
const probePause = 100 * time.Millisecond

// postTimeout is how long the events of one POST may take: a payload can hold more of them
// than pass in an hour.
const postTimeout = 30 * time.Second

// answerHandshake answers the request that opened the connection.
func (c *conn) answerHandshake(w http.ResponseWriter) {
	_ = answerPoll(w, c.handshakePacket("websocket"))
}

func answerPoll(w http.ResponseWriter, payload []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(payload)))
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write(payload); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// poll answers with the packets that wait for the client, or with the next ones to come.
func (c *conn) poll(w http.ResponseWriter, r *http.Request) *protocolError {
	if m := c.beginPoll(); m != nil {
		return m
	}
	c.reportReturn()
	items, payload := c.waitForItems(r.Context())
	if payload != nil {
		c.writeItems(w, items, payload)
	}
	return nil
}

// waitForItems ends the poll and returns the payload of the answer and the items in it. The
// payload is nil when the client has gone.
func (c *conn) waitForItems(ctx context.Context) (items []*item, payload []byte) {
	for {
		items, payload, pause := c.collect()
		if payload != nil {
			return items, payload
		}
		select {
		case <-c.ready:
			continue
		case <-pause:
			payload = []byte{engineNoop}
		case <-c.lifetime.Done():
			payload = []byte{engineClose}
		case <-ctx.Done():
		}
		c.endPoll()
		return nil, payload
	}
}

func (c *conn) beginPoll() *protocolError {
	c.mu.Lock()
	overlap, upgraded := c.polling, c.ws != nil
	c.polling = c.polling || !upgraded
	c.mu.Unlock()
	switch {
	case upgraded:
		return badRequest("the connection is a WebSocket")
	case overlap:
		c.end("two polls at once", 0)
		return badRequest("two polls at once")
	}
	return nil
}

// endPoll ends a poll that has collected nothing. What came at the last moment, and is
// waited for, fails.
func (c *conn) endPoll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.polling = false
	if c.ws != nil {
		return // which has all that waits
	}
	c.queue = slices.DeleteFunc(c.queue, func(it *item) bool {
		if it.outcome != nil {
			c.missed = true
			it.finish(errNoPoll)
		}
		return it.outcome != nil
	})
}

// collect empties the queue and ends the poll, before the client can have the answer and
// poll again. When the queue is empty already and the client tries a WebSocket, it returns a
// timer channel that ends the poll.
func (c *conn) collect() (items []*item, payload []byte, pause <-chan time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil {
		c.polling = false
		return nil, []byte{engineNoop}, nil
	}
	items, c.queue = c.queue, nil
	for i, it := range items {
		if i > 0 {
			payload = append(payload, separator)
		}
		payload = append(payload, it.packet...)
	}
	c.polling = payload == nil
	if payload == nil && c.probing {
		pause = time.After(probePause)
	}
	return items, payload, pause
}

// writeItems answers a poll. When that fails, deliver gets an error for its items, so that
// they are sent anew when the client polls again. The other items go back to the queue.
func (c *conn) writeItems(w http.ResponseWriter, items []*item, payload []byte) {
	if c.beginAnswer() {
		defer c.flush() // the client may have changed to a WebSocket meanwhile
		defer c.endAnswer()
	}
	if err := answerPoll(w, payload); err == nil {
		for _, it := range items {
			it.finish(nil)
		}
		return
	}
	c.putBack(items)
	c.notify() // the client may poll again already, or have changed to a WebSocket
	c.flush()
	c.reportReturn()
}

// beginAnswer says that a poll is being answered, unless something is written already. Only
// if so, endAnswer must follow.
func (c *conn) beginAnswer() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil || c.writing {
		return false
	}
	c.writing = true
	return true
}

func (c *conn) endAnswer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
}

// post receives packets of a client that polls.
func (c *conn) post(w http.ResponseWriter, r *http.Request) *protocolError {
	if m := c.beginPost(); m != nil {
		return m
	}
	defer c.endPost()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, c.engine.maxPayload))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		c.end("a payload over the limit", 0)
		return &protocolError{http.StatusRequestEntityTooLarge, 3, "the payload is larger than maxPayload"}
	case err != nil:
		return badRequest("the body cannot be read")
	}
	ctx, cancel := context.WithTimeout(r.Context(), postTimeout)
	defer cancel()
	for packet := range packets(bytes.TrimSuffix(body, []byte{'\n'})) {
		c.receive(ctx, packet)
	}
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "ok") // a client that is gone needs no answer
	return nil
}

func (c *conn) beginPost() *protocolError {
	c.mu.Lock()
	overlap, upgraded := c.posting, c.ws != nil
	c.posting = c.posting || !upgraded
	c.mu.Unlock()
	switch {
	case upgraded:
		return badRequest("the connection is a WebSocket")
	case overlap:
		c.end("two posts at once", websocket.StatusProtocolError)
		return badRequest("two posts at once")
	}
	return nil
}

func (c *conn) endPost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posting = false
}
