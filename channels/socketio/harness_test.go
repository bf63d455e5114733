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

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// house is a channel on a real listener, and the inbox behind it.
type house struct {
	*socketio.Channel
	in   *channeltest.Inbox
	url  string
	http *http.Client
	// patience is another than the default.
	patience time.Duration
	// stop ends the program's fetching and returns when the channel has ended.
	stop func()
}

// serve opens a channel by its block and serves it until the test ends.
func serve(t testing.TB, block string) *house {
	t.Helper()
	in := &channeltest.Inbox{}
	h := serveTo(t, block, in)
	h.in = in
	return h
}

// serveTo is serve with another inbox.
func serveTo(t testing.TB, block string, in channels.Inbox) *house {
	t.Helper()
	h := &house{Channel: channeltest.Open(t, socketio.Type(), block).(*socketio.Channel)}
	path, handler := h.Mount(in)
	mux := http.NewServeMux()
	mux.Handle(path+"/", handler)
	server := httptest.NewServer(mux)
	h.url, h.http = server.URL+path+"/", server.Client()
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

// client is a small client of Socket.IO that has none of the published ones' patience.
type client struct {
	t     testing.TB
	house *house
	sid   string
	ws    *websocket.Conn // nil while it polls
	// held are packets that came together with others.
	held []string
}

// dial opens a WebSocket, and reads the greeting unless sid names a connection.
func (h *house) dial(t testing.TB, sid string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	url := h.url + "?EIO=4&transport=websocket"
	if sid != "" {
		url += "&sid=" + sid
	}
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	c := &client{t: t, house: h, ws: ws, sid: sid}
	if sid == "" {
		c.greeted(c.next())
	}
	return c
}

// poller opens a connection by polling.
func (h *house) poller(t testing.TB) *client {
	t.Helper()
	c := &client{t: t, house: h}
	c.greeted(c.next())
	return c
}

func (c *client) greeted(packet string) {
	c.t.Helper()
	var greeting struct {
		SID string `json:"sid"`
	}
	if packet[0] != '0' || json.Unmarshal([]byte(packet[1:]), &greeting) != nil || greeting.SID == "" {
		c.t.Fatalf("no greeting but %q", packet)
	}
	c.sid = greeting.SID
}

// request makes a request to the connection.
func (c *client) request(method, body string) (int, string) {
	c.t.Helper()
	url := c.house.url + "?EIO=4&transport=polling"
	if c.sid != "" {
		url += "&sid=" + c.sid
	}
	return c.house.request(c.t, method, url, body)
}

func (h *house) request(t testing.TB, method, url, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), max(patience, h.patience))
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
		ctx, cancel := context.WithTimeout(c.t.Context(), patience)
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

// session asks for a session and returns the id that is confirmed, once replies find it.
func (c *client) session(request string) string {
	c.t.Helper()
	id := c.confirmed(request)
	c.send(`429["sync"]`)
	c.wants("439[]")
	return id
}

// confirmed asks for a session and returns the id that is confirmed.
func (c *client) confirmed(request string) string {
	c.t.Helper()
	c.send(`42["session_request",` + request + `]`)
	id, ok := strings.CutPrefix(c.next(), `42["session_confirm","`)
	if !ok {
		c.t.Fatalf("not confirmed but %q", id)
	}
	return strings.TrimSuffix(id, `"]`)
}

// hangup waits until the server has ended the connection.
func (c *client) hangup() {
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

// await waits until something has come about that a client is not told of.
func await(t testing.TB, what string, comes func() bool) {
	t.Helper()
	for began := time.Now(); !comes(); time.Sleep(time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("it does not come about that %s", what)
		}
	}
}

// there waits until the service knows that these senders are connected, and no others.
func (h *house) there(t testing.TB, senders ...string) {
	t.Helper()
	slices.Sort(senders)
	await(t, fmt.Sprintf("%v are there", senders), func() bool { return slices.Equal(h.in.There(), senders) })
}

// say sends a part of text, as the service does.
func (h *house) say(t testing.TB, sender, text string) error {
	t.Helper()
	_, err := h.Send(t.Context(), channels.Part{ID: text, Channel: "socketio", Sender: sender, Reply: channels.Reply{Text: text}})
	return err
}
