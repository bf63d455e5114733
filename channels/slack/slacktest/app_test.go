package slacktest_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
	"github.com/manyvox/manyvox/service/servicetest"
)

// got is a request that an app has got.
type got struct {
	header http.Header
	body   string
	at     time.Duration // since the first
}

// field returns a field of the form.
func (g got) field(name string) string {
	form, _ := url.ParseQuery(g.body)
	return form.Get(name)
}

// app is an app that is delivered to by HTTP. Answer may be nil: 200.
type app struct {
	answer func(n int, w http.ResponseWriter, r *http.Request)

	mu    sync.Mutex
	since time.Time
	got   []got
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	if a.got == nil {
		a.since = time.Now()
	}
	a.got = append(a.got, got{header: r.Header, body: string(body), at: time.Since(a.since)})
	n := len(a.got)
	a.mu.Unlock()
	if a.answer != nil {
		a.answer(n, w, r)
	}
}

func (a *app) all() []got {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]got(nil), a.got...)
}

// bubble is a server in a synctest bubble.
type bubble struct {
	*slacktest.Server
	app *app
	// dial connects to the server.
	dial channels.DialFunc
}

// inBubble runs a test with a server and an app, both in a synctest bubble.
func inBubble(t *testing.T, o slacktest.Options, a *app, test func(*testing.T, bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		toApp, dialApp := servicetest.NewPipeNetwork()
		toSlack, dialSlack := servicetest.NewPipeNetwork()
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialApp(ctx, network, address)
		}
		if a != nil {
			o.RequestURL = "http://app.test/slack"
		}
		s := slacktest.New(o)
		appServer, slackServer := &http.Server{Handler: a}, &http.Server{Handler: s}
		var running sync.WaitGroup
		running.Go(func() { appServer.Serve(toApp) })
		running.Go(func() { slackServer.Serve(toSlack) })
		defer func() {
			s.Close()
			appServer.Close()
			slackServer.Close()
			running.Wait()
		}()
		test(t, bubble{Server: s, app: a, dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialSlack(ctx, network, address)
		}})
	})
}

// line is a socket of an app.
type line struct {
	conn *websocket.Conn
	// frames are what it was told. It is closed at the end of the socket.
	frames chan frame
}

// frame is what a socket is told.
type frame struct {
	Type, Reason string
	ID           string `json:"envelope_id"`
	Answers      bool   `json:"accepts_response_payload"`
	Attempt      int    `json:"retry_attempt"`
	RetryReason  string `json:"retry_reason"`
	Payload      struct {
		Event struct{ Type, Text, TS string }
		Text  string
	}
}

// connect asks for a socket and opens it.
func (b bubble) connect(t *testing.T) *line {
	t.Helper()
	l, err := b.open(t, b.ticket(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ticket asks for the address of a socket.
func (b bubble) ticket(t *testing.T) string {
	t.Helper()
	answer := call(t, b.Server, "xapp-fake", "apps.connections.open", "")
	if !answer.OK || !strings.HasPrefix(answer.URL, "ws://") {
		t.Fatalf("%+v", answer)
	}
	return answer.URL
}

func (b bubble) open(t *testing.T, address string) (*line, error) {
	client := &http.Client{Transport: &http.Transport{DialContext: b.dial, DisableKeepAlives: true}}
	conn, res, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		if res != nil {
			res.Body.Close()
		}
		return nil, err
	}
	l := &line{conn: conn, frames: make(chan frame, 100)}
	go func() {
		defer close(l.frames)
		for {
			_, data, err := conn.Read(context.Background())
			var f frame
			if err != nil || json.Unmarshal(data, &f) != nil {
				return
			}
			l.frames <- f
		}
	}()
	t.Cleanup(func() { conn.CloseNow() })
	return l, nil
}

// next returns what a socket was told, once everything stands still.
func (l *line) next() (f frame) {
	synctest.Wait()
	select {
	case f = <-l.frames:
	default:
	}
	return f
}

// ack acknowledges an envelope.
func (l *line) ack(t *testing.T, id, payload string) {
	t.Helper()
	body := `{"envelope_id":"` + id + `"` + payload + `}`
	if err := l.conn.Write(t.Context(), websocket.MessageText, []byte(body)); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}
