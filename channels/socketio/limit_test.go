package socketio_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestLimitOfSessions(t *testing.T) {
	t.Parallel()
	h := serve(t, "max_sessions: 2")
	h.poller(t).connect()
	c := h.poller(t)
	c.connect()
	status, answer := h.request(t, "GET", h.url+"?EIO=4&transport=polling", "")
	if status != http.StatusServiceUnavailable || !strings.Contains(answer, "too many clients") {
		t.Errorf("%d %s", status, answer)
	}
	c.send("1") // one that leaves makes room
	h.poller(t)
}

// Handshakes alone keep nobody out: the oldest client that is in no namespace gives way.
func TestIdleSessionsGiveWay(t *testing.T) {
	t.Parallel()
	h := serve(t, "max_sessions: 3")
	member, left := h.poller(t), h.dial(t, "")
	member.connect()
	left.connect()
	bare := h.poller(t)
	left.send("41", `42["x"]`, "40/other,")
	left.wants(`44/other,{"message":"Invalid namespace"}`) // and so it has left, after the others came
	late := h.poller(t)
	if status, answer := bare.request("GET", ""); status != http.StatusBadRequest || !strings.Contains(answer, "Session ID unknown") {
		t.Errorf("the oldest goes on: %d %s", status, answer)
	}
	h.poller(t)
	left.waitClosed()
	late.connect()
	h.poller(t).connect() // the third, which was idle since, gives way
	if n := h.Connections(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
	if status, _ := h.request(t, "GET", h.url+"?EIO=4&transport=websocket", ""); status != http.StatusServiceUnavailable {
		t.Errorf("a fourth client: status %d", status)
	}
	member.send(`421["x"]`)
	member.wants("431[]")
}

func TestLimitOfPayload(t *testing.T) {
	t.Parallel()
	h := serve(t, "max_payload: 100")
	c := h.poller(t)
	c.connect()
	if status, answer := c.request("POST", "4"+strings.Repeat("2", 100)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", status, answer)
	}
	if status, _ := c.request("GET", ""); status != http.StatusBadRequest {
		t.Errorf("the connection goes on: %d", status)
	}
	w := h.dial(t, "")
	w.connect()
	w.send("4" + strings.Repeat("2", 100))
	if _, err := w.read(); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("%v", err)
	}
}
