package socketio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/socketio"
)

// waitTimeout bounds every wait of a test.
const waitTimeout = 2 * time.Minute

// harness is a channel on a real listener, with a fake inbox.
type harness struct {
	*socketio.Channel
	in   *channeltest.Inbox
	url  string
	http *http.Client
	// timeout of a request, if longer than waitTimeout.
	timeout time.Duration
	// stop ends Run and returns when the channel has ended.
	stop func()
}

// serve opens a channel by its block and serves it until the test ends.
func serve(t testing.TB, block string) *harness {
	t.Helper()
	in := &channeltest.Inbox{}
	h := serveTo(t, block, in)
	h.in = in
	return h
}

// serveTo is serve with another inbox.
func serveTo(t testing.TB, block string, in channels.Inbox) *harness {
	t.Helper()
	h := &harness{Channel: channeltest.Open(t, socketio.Type(), block).(*socketio.Channel)}
	mux, routes := http.NewServeMux(), h.Mount(in)
	for _, r := range routes {
		mux.Handle(r.Pattern, r.Handler)
	}
	server := httptest.NewServer(mux)
	h.url, h.http = server.URL+routes[0].Pattern+"/", server.Client()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, in); close(ended) }()
	h.stop = func() { cancel(); <-ended }
	t.Cleanup(func() {
		h.stop()
		server.Close()
		if n, m := h.Connections(), h.Senders(); n+m > 0 {
			t.Errorf("%d connections and %d senders are left", n, m)
		}
	})
	return h
}

// client is a small client of Socket.IO. Unlike the published ones it never reconnects
// and never retries.
type client struct {
	t       testing.TB
	harness *harness
	sid     string
	ws      *websocket.Conn // nil while it polls
	// held are packets that came together with others.
	held []string
}

// dial opens a WebSocket, and reads the handshake packet unless sid names a connection.
func (h *harness) dial(t testing.TB, sid string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	url := h.url + "?EIO=4&transport=websocket"
	if sid != "" {
		url += "&sid=" + sid
	}
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: h.http})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	c := &client{t: t, harness: h, ws: ws, sid: sid}
	if sid == "" {
		c.readHandshake(c.next())
	}
	return c
}

// poller opens a connection by polling.
func (h *harness) poller(t testing.TB) *client {
	t.Helper()
	c := &client{t: t, harness: h}
	c.readHandshake(c.next())
	return c
}

func (c *client) readHandshake(packet string) {
	c.t.Helper()
	var handshake struct {
		SID string `json:"sid"`
	}
	if packet[0] != '0' || json.Unmarshal([]byte(packet[1:]), &handshake) != nil || handshake.SID == "" {
		c.t.Fatalf("no handshake but %q", packet)
	}
	c.sid = handshake.SID
}

// request makes a request to the connection.
func (c *client) request(method, body string) (int, string) {
	c.t.Helper()
	url := c.harness.url + "?EIO=4&transport=polling"
	if c.sid != "" {
		url += "&sid=" + c.sid
	}
	return c.harness.request(c.t, method, url, body)
}

func (h *harness) request(t testing.TB, method, url, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), max(waitTimeout, h.timeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := h.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b.String()
}

// read returns the next Engine.IO packet.
func (c *client) read() (string, error) {
	c.t.Helper()
	if c.ws != nil {
		ctx, cancel := context.WithTimeout(c.t.Context(), max(waitTimeout, c.harness.timeout))
		defer cancel()
		_, packet, err := c.ws.Read(ctx)
		return string(packet), err
	}
	for len(c.held) == 0 {
		status, payload := c.request(http.MethodGet, "")
		if status != http.StatusOK {
			c.t.Fatalf("poll: %d %s", status, payload)
		}
		c.held = strings.Split(payload, "\x1e")
	}
	packet := c.held[0]
	c.held = c.held[1:]
	return packet, nil
}

// next returns the next packet but pings, which it answers.
func (c *client) next() string {
	c.t.Helper()
	for {
		packet, err := c.read()
		if err != nil {
			c.t.Fatalf("the connection has ended: %v", err)
		}
		if packet != "2" {
			return packet
		}
		c.send("3")
	}
}

// send sends Engine.IO packets.
func (c *client) send(packets ...string) {
	c.t.Helper()
	if c.ws == nil {
		if status, answer := c.request(http.MethodPost, strings.Join(packets, "\x1e")); status != http.StatusOK || answer != "ok" {
			c.t.Fatalf("post: %d %s", status, answer)
		}
		return
	}
	for _, packet := range packets {
		if err := c.ws.Write(c.t.Context(), websocket.MessageText, []byte(packet)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// wants reads packets and compares them.
func (c *client) wants(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		if got := c.next(); got != want {
			c.t.Fatalf("packet %q, want %q", got, want)
		}
	}
}

// connect joins the default namespace and returns the socket's id.
func (c *client) connect() string {
	c.t.Helper()
	c.send("40")
	packet := c.next()
	var connected struct {
		SID string `json:"sid"`
	}
	if !strings.HasPrefix(packet, "40{") || json.Unmarshal([]byte(packet[2:]), &connected) != nil {
		c.t.Fatalf("not connected but %q", packet)
	}
	return connected.SID
}

// session requests a session and returns the id that is confirmed, once Send reaches it.
func (c *client) session(request string) string {
	c.t.Helper()
	id := c.confirmed(request)
	c.send(`429["sync"]`)
	c.wants("439[]")
	return id
}

// confirmed requests a session and returns the id that is confirmed.
func (c *client) confirmed(request string) string {
	c.t.Helper()
	c.send(`42["session_request",` + request + `]`)
	id, ok := strings.CutPrefix(c.next(), `42["session_confirm","`)
	if !ok {
		c.t.Fatalf("not confirmed but %q", id)
	}
	return strings.TrimSuffix(id, `"]`)
}

// waitClosed waits until the server has ended the connection.
func (c *client) waitClosed() {
	c.t.Helper()
	for {
		packet, err := c.read()
		if err != nil {
			if websocket.CloseStatus(err) == -1 && c.t.Context().Err() != nil {
				c.t.Fatalf("the connection goes on: %v", err)
			}
			return
		}
		if c.ws == nil && packet == "1" {
			return
		}
	}
}

// await waits for a state that no client can see.
func await(t testing.TB, what string, comes func() bool) {
	t.Helper()
	for began := time.Now(); !comes(); time.Sleep(time.Millisecond) {
		if time.Since(began) > waitTimeout {
			t.Fatalf("still waiting: %s", what)
		}
	}
}

// waitConnected waits until exactly these senders are reported as connected.
func (h *harness) waitConnected(t testing.TB, senders ...string) {
	t.Helper()
	slices.Sort(senders)
	await(t, fmt.Sprintf("%v are connected", senders), func() bool { return slices.Equal(h.in.There(), senders) })
}

// sendText sends a part with a text, as the service does.
func (h *harness) sendText(t testing.TB, sender, text string) error {
	t.Helper()
	_, err := h.Send(t.Context(), channels.Part{ID: text, Channel: "socketio", Sender: sender, Reply: channels.Reply{Text: text}})
	return err
}

// sendUntilTaken sends a part as the service does: again while the client does not poll.
func (h *harness) sendUntilTaken(t testing.TB, sender, text string) error {
	t.Helper()
	var err error
	await(t, text+" is taken", func() bool {
		err = h.sendText(t, sender, text)
		return err == nil || channels.AsSendError(err).Class != channels.SendAbsent
	})
	return err
}
