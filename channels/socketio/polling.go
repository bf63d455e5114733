package socketio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// probePause is how long a poll waits while the client tries a WebSocket: it changes over
// only when no poll is under way.
const probePause = 100 * time.Millisecond

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
	if c.takeMissed() {
		c.receiver.polledAgain()
	}
	items, payload := c.waitForItems(r.Context())
	c.endPoll() // before the client can have the answer and poll again
	if payload != nil {
		c.writeItems(w, items, payload)
	}
	return nil
}

// waitForItems returns the payload of the answer and the items in it. The payload is nil
// when the client has gone.
func (c *conn) waitForItems(ctx context.Context) (items []*item, payload []byte) {
	for {
		items, payload, pause := c.collect()
		if payload != nil {
			return items, payload
		}
		select {
		case <-c.ready:
		case <-pause:
			return nil, []byte{engineNoop}
		case <-c.lifetime.Done():
			return nil, []byte{engineClose}
		case <-ctx.Done():
			return nil, nil
		}
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

func (c *conn) endPoll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.polling = false
}

func (c *conn) takeMissed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	missed := c.missed
	c.missed = false
	return missed
}

// collect empties the queue. When it is empty already and the client tries a WebSocket,
// it returns a timer channel that ends the poll.
func (c *conn) collect() (items []*item, payload []byte, pause <-chan time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil {
		return nil, []byte{engineNoop}, nil
	}
	items, c.queue = c.queue, nil
	for i, it := range items {
		if i > 0 {
			payload = append(payload, separator)
		}
		payload = append(payload, it.packet...)
	}
	if payload == nil && c.probing {
		pause = time.After(probePause)
	}
	return items, payload, pause
}

// writeItems answers a poll. When that fails, deliver gets an error for its items, so that
// they are sent anew when the client polls again. The other items go back to the queue.
func (c *conn) writeItems(w http.ResponseWriter, items []*item, payload []byte) {
	if err := answerPoll(w, payload); err == nil {
		for _, it := range items {
			it.finish(nil)
		}
		return
	}
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
	for packet := range packets(bytes.TrimSuffix(body, []byte{'\n'})) {
		c.receive(r.Context(), packet)
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
