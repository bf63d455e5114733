package socketio_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestEngineRefuses(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	for _, c := range []struct {
		name, method, query string
		status              int
		answer              string
	}{
		{"no version", "GET", "transport=polling", 400, `{"code":5,"message":"Unsupported protocol version: Engine.IO 4 is, which Socket.IO clients speak from version 3 on"}`},
		{"version 3", "GET", "EIO=3&transport=polling", 400, `{"code":5,"message":"Unsupported protocol version: Engine.IO 4 is, which Socket.IO clients speak from version 3 on"}`},
		{"no transport", "GET", "EIO=4", 400, `{"code":0,"message":"Transport unknown"}`},
		{"another transport", "GET", "EIO=4&transport=webtransport", 400, `{"code":0,"message":"Transport unknown"}`},
		{"an unknown session", "GET", "EIO=4&transport=polling&sid=x", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"an unknown session by WebSocket", "GET", "EIO=4&transport=websocket&sid=x", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"a post first", "POST", "EIO=4&transport=polling", 400, `{"code":2,"message":"Bad handshake method"}`},
		{"another method", "DELETE", "EIO=4&transport=polling&sid=x", 400, `{"code":2,"message":"Bad handshake method"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if status, answer := h.request(t, c.method, h.url+"?"+c.query, ""); status != c.status || answer != c.answer {
				t.Errorf("%d %s, want %d %s", status, answer, c.status, c.answer)
			}
		})
	}
}

// A request for a WebSocket that is none leaves nothing behind.
func TestEngineRefusesNoWebSocket(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	if status, answer := h.request(t, "GET", h.url+"?EIO=4&transport=websocket", ""); status != http.StatusUpgradeRequired {
		t.Errorf("%d %s", status, answer)
	}
	if n := h.Connections(); n > 0 {
		t.Errorf("%d connections", n)
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	h := serve(t, "ping_interval: 7s\nping_timeout: 8s\nmax_payload: 99")
	status, handshake := h.request(t, "GET", h.url+"?EIO=4&transport=polling", "")
	_, rest, _ := strings.Cut(handshake, `","upgrades"`)
	if want := `:["websocket"],"pingInterval":7000,"pingTimeout":8000,"maxPayload":99}`; status != 200 || rest != want {
		t.Errorf("%d %s, want ...%s", status, handshake, want)
	}
}

// A client that answers pings stays, another one goes, and so does one that connects to
// no namespace.
func TestPing(t *testing.T) {
	t.Parallel()
	const block = "ping_interval: 30ms\nping_timeout: 30ms"
	for name, open := range map[string]func(*harness, testing.TB) *client{
		"websocket": func(h *harness, t testing.TB) *client { return h.dial(t, "") },
		"polling":   (*harness).poller,
	} {
		t.Run(name+" answers", func(t *testing.T) {
			t.Parallel()
			c := open(serve(t, strings.ReplaceAll(block, "30ms", "300ms")), t)
			c.connect()
			for range 3 {
				if packet, err := c.read(); packet != "2" {
					t.Fatalf("%q, %v, want a ping", packet, err)
				}
				c.send("3")
			}
		})
		t.Run(name+" is silent", func(t *testing.T) {
			t.Parallel()
			h := serve(t, block)
			c := open(h, t)
			c.connect()
			c.waitClosedOrUnknown()
		})
		t.Run(name+" is idle", func(t *testing.T) {
			t.Parallel()
			h := serve(t, block)
			c := open(h, t)
			c.waitClosedOrUnknown()
		})
	}
}

// waitClosedOrUnknown waits for the end of the connection, which a client that polls may
// learn only by its next poll.
func (c *client) waitClosedOrUnknown() {
	c.t.Helper()
	if c.ws != nil {
		c.waitClosed()
		return
	}
	for {
		if status, payload := c.request("GET", ""); status == http.StatusBadRequest || payload == "1" {
			return
		}
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	c := h.poller(t)
	c.connect()
	first := make(chan string, 1)
	go func() {
		_, payload := c.request("GET", "")
		first <- payload
	}()
	var status int
	for status = http.StatusOK; status == http.StatusOK; { // one of them comes first
		status, _ = c.request("GET", "")
	}
	if got := <-first; status != http.StatusBadRequest || got != "1" && !strings.Contains(got, "two polls") {
		t.Errorf("%d, and the first poll has %q", status, got)
	}
}

// What does not keep to the protocol ends the connection.
func TestJunk(t *testing.T) {
	t.Parallel()
	for name, packet := range map[string]string{
		"unknown type": "9", "empty message": "4", "unknown packet": "49", "no JSON": "42[", "event without a name": "42[]", "a server's packet": `44{"message":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, "")
			w := h.dial(t, "")
			w.connect()
			w.send(packet)
			w.waitClosed()
			p := h.poller(t)
			p.connect()
			p.send(packet)
			if status, answer := p.request("GET", ""); status != http.StatusBadRequest {
				t.Errorf("polling goes on: %d %s", status, answer)
			}
		})
	}
}

// The change from polling to a WebSocket loses nothing and repeats nothing.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	c := h.poller(t)
	sender := c.connect()
	if err := h.sendTextTo(t, c, sender, "by polling"); err != nil {
		t.Fatal(err)
	}
	w := h.dial(t, c.sid)
	w.send("2probe")
	w.wants("3probe")
	c.wants("6") // so that the poll ends
	w.send("5")
	said := make(chan error, 1)
	go func() { said <- h.sendUntilTaken(t, sender, "by WebSocket") }()
	w.wants(`42["bot_uttered",{"text":"by WebSocket"}]`)
	if err := <-said; err != nil {
		t.Error(err)
	}
	if status, answer := c.request("GET", ""); status != http.StatusBadRequest || !strings.Contains(answer, "is a WebSocket") {
		t.Errorf("polling goes on: %d %s", status, answer)
	}
	if status, _ := c.request("POST", "3"); status != http.StatusBadRequest {
		t.Errorf("posting goes on: %d", status)
	}
}

// sendTextTo sends a part while the client polls for it.
func (h *harness) sendTextTo(t *testing.T, c *client, sender, text string) error {
	t.Helper()
	said := make(chan error, 1)
	go func() { said <- h.sendUntilTaken(t, sender, text) }()
	c.wants(`42["bot_uttered",{"text":"` + text + `"}]`)
	return <-said
}

// A WebSocket that does not come to be leaves the polling alone.
func TestUpgradeGivenUp(t *testing.T) {
	t.Parallel()
	for name, packets := range map[string][]string{
		"at once": nil, "instead of the probe": {"4x"}, "instead of the upgrade": {"2probe", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, "")
			c := h.poller(t)
			sender := c.connect()
			w := h.dial(t, c.sid)
			w.send(packets...)
			if packets == nil {
				w.ws.CloseNow()
			} else {
				w.waitClosed()
			}
			for w = h.tryDial(t, c.sid); w == nil; w = h.tryDial(t, c.sid) { // until the first has been given up
			}
			w.ws.CloseNow()
			said := make(chan error, 1)
			go func() { said <- h.sendUntilTaken(t, sender, "hello") }()
			for c.next() == "6" { // while the server tries
			}
			if err := <-said; err != nil {
				t.Error(err)
			}
		})
	}
}

func (h *harness) tryDial(t *testing.T, sid string) *client {
	ws, res, err := websocket.Dial(t.Context(), h.url+"?EIO=4&transport=websocket&sid="+sid, nil)
	if err != nil {
		if res == nil || res.StatusCode != http.StatusBadRequest {
			t.Fatal(err)
		}
		return nil
	}
	return &client{t: t, harness: h, ws: ws}
}

// The end of the program ends every connection in a way that makes clients come back.
func TestShutdown(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	w, p, u := h.dial(t, ""), h.poller(t), h.poller(t)
	w.connect()
	p.connect()
	u.connect()
	half := h.dial(t, u.sid)
	half.send("2probe")
	half.wants("3probe")
	polled := make(chan string, 1)
	go func() {
		status, payload := p.request("GET", "")
		polled <- strconv.Itoa(status) + " " + payload
	}()
	go h.stop()
	if _, err := w.read(); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the WebSocket ends with %v", err)
	}
	if got := <-polled; got != "200 1" && !strings.HasPrefix(got, "503") && !strings.HasPrefix(got, "400") { // the later ones if it came too late
		t.Errorf("the poll ends with %q", got)
	}
	if _, err := half.read(); err == nil {
		t.Error("the WebSocket that is being tried goes on")
	}
	h.stop()
	if status, _ := h.request(t, "GET", h.url+"?EIO=4&transport=polling", ""); status != http.StatusServiceUnavailable {
		t.Errorf("then status %d", status)
	}
}
