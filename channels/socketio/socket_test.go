package socketio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

const (
	persistent = "session_persistence: true\n"
	secret     = "session_secret: 0123456789abcdef0123456789abcdef\n"
)

// posted waits until so many messages have come and returns them.
func (h *harness) posted(t *testing.T, n int) []channels.Message {
	t.Helper()
	for end := time.Now().Add(waitTimeout); len(h.in.Posted()) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d messages, want %d", len(h.in.Posted()), n)
		}
	}
	return h.in.Posted()
}

func TestUserMessage(t *testing.T) {
	t.Parallel()
	none := json.RawMessage("{}")
	for _, c := range []struct {
		name, block, argument string
		want                  channels.Message
	}{
		{"text", "", `{"message":"hi"}`, channels.Message{Text: "hi", Metadata: none}},
		{"no message", "", `{}`, channels.Message{Metadata: none}},
		{"null", "", `{"message":null,"metadata":null}`, channels.Message{Metadata: none}},
		{"metadata", "", `{"message":"hi","metadata":{"n":1.0}}`, channels.Message{Text: "hi", Metadata: json.RawMessage(`{"n":1.0}`)}},
		{"metadata in a string", "", `{"message":"hi","metadata":"{\"n\":1.0}"}`, channels.Message{Text: "hi", Metadata: json.RawMessage(`{"n":1.0}`)}},
		{"metadata under another key", "metadata_key: customData", `{"message":"hi","customData":{"n":1},"metadata":{"m":1}}`, channels.Message{Text: "hi", Metadata: json.RawMessage(`{"n":1}`)}},
		{"a session that means nothing", "", `{"message":"hi","session_id":"x"}`, channels.Message{Text: "hi", Metadata: none}},
		{"message_id", "", `{"message":"hi","message_id":"m1"}`, channels.Message{Text: "hi", Metadata: none, ID: "m1"}},
		{
			"attachments", "", `{"message":"","attachments":[{"type":"image","url":"https://a.example/a.png"},{"content":"aGk=","ref":"r"}]}`,
			channels.Message{Metadata: none, Attachments: []channels.Attachment{
				{Type: "image", URL: "https://a.example/a.png"}, {Ref: "r", Content: []byte("hi")},
			}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, c.block)
			w := h.dial(t, "")
			c.want.Sender = w.connect()
			w.send(`421["user_uttered",` + c.argument + `]`)
			w.wants("431[]")
			if diff := cmp.Diff([]channels.Message{c.want}, h.in.Posted()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A refused event is answered with session_error, and in the acknowledgement if the client
// waits for one.
func TestUserMessageRefused(t *testing.T) {
	t.Parallel()
	const other = `{"code":"permission_denied","message":"session_id: not one that was confirmed: send session_request first and use what session_confirm brings"}`
	for _, c := range []struct {
		name, block, argument string
		err                   error
		want                  string
	}{
		{"no object", "", `"hi"`, nil, `{"code":"invalid_argument","message":"user_uttered: expected an object with message"}`},
		{"no text", "", `{"message":7}`, nil, `{"code":"invalid_argument","message":"key \"message\": expected a string, not a number"}`},
		{"metadata", "", `{"message":"hi","metadata":"x"}`, nil, `{"code":"invalid_argument","message":"key \"metadata\": a string that is not JSON"}`},
		{"no session", persistent, `{"message":"hi"}`, nil, other},
		{"an empty session", persistent, `{"message":"hi","session_id":""}`, nil, other},
		{"another session", persistent, `{"message":"hi","session_id":"x"}`, nil, other},
		{"the inbox refuses", "", `{"message":"hi"}`, channels.Errorf(channels.CodeUnavailable, "shutting down"), `{"code":"unavailable","message":"shutting down"}`},
		{"a defect", "", `{"message":"hi"}`, errors.New("s3cr3t"), `{"code":"internal","message":"internal error, see the log"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, c.block)
			h.in.Err = c.err
			w := h.dial(t, "")
			w.connect()
			w.send(`42["user_uttered",`+c.argument+`]`, `427["user_uttered",`+c.argument+`]`)
			w.wants(`42["session_error",`+c.want+`]`, `42["session_error",`+c.want+`]`, `437[`+c.want+`]`)
			if n := len(h.in.Posted()); c.err == nil && n > 0 {
				t.Errorf("%d messages reach the inbox", n)
			}
		})
	}
}

func TestOtherEvents(t *testing.T) {
	t.Parallel()
	h := serve(t, "user_message_evt: say\nbot_message_evt: hear")
	w := h.dial(t, "")
	sender := w.connect()
	w.send(`42["user_uttered",{"message":"hi"}]`, `421["typing"]`, `422["say",{"message":"hi"}]`, `451-["say",{"_placeholder":true,"num":0}]`)
	w.wants("431[]", "432[]", `42["session_error",{"code":"invalid_argument","message":"binary data is not taken"}]`)
	if err := h.sendText(t, sender, "hello"); err != nil {
		t.Error(err)
	}
	w.wants(`42["hear",{"text":"hello"}]`)
	if n := len(h.in.Posted()); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
}

// TestEdge08_19: events that come faster than max_messages are read more slowly, and none is
// lost: a client that was offline sends at once what it has kept. It stays connected although
// the answers to pings are behind them.
func TestEdge08_19(t *testing.T) {
	t.Parallel()
	for name, flush := range map[string]func(*testing.T, *pipeListener, []string){"polling": flushByPolling, "websocket": flushByWebSocket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				run(t, programOptions{listener: l, block: "  session_persistence: true\n"})
				var events []string
				for n := range 1500 {
					events = append(events, fmt.Sprintf(`42%d["other"]`, n))
				}
				began := time.Now()
				flush(t, l, events)
				if took := time.Since(began); took < 70*time.Second || took > 80*time.Second {
					t.Errorf("it took %v, want 75 s", took)
				}
			})
		})
	}
}

// flushByPolling sends events in posts of as many as half a minute is enough for.
func flushByPolling(t *testing.T, l *pipeListener, events []string) {
	h := &harness{url: "http://x/socket.io/", http: &http.Client{Transport: &http.Transport{DialContext: l.dial}}, timeout: time.Minute}
	t.Cleanup(h.http.CloseIdleConnections)
	c := h.poller(t)
	c.connect()
	for some := range slices.Chunk(events, 500) {
		c.send(some...)
		for _, event := range some {
			c.wants(acknowledged(event))
		}
	}
}

// flushByWebSocket sends all events and reads meanwhile, since a pipe holds nothing. The
// answers to pings are behind them.
func flushByWebSocket(t *testing.T, l *pipeListener, events []string) {
	c := dialRaw(t, l)
	packets, sent := make(chan string, 2*len(events)), make(chan struct{})
	for _, event := range events {
		packets <- event
	}
	go func() {
		defer close(sent)
		for packet := range packets {
			c.write(packet)
		}
	}()
	for _, event := range events {
		packet := c.frame()
		for packet == "2" {
			packets <- "3"
			packet = c.frame()
		}
		if packet != acknowledged(event) {
			t.Fatalf("packet %q, want %q", packet, acknowledged(event))
		}
	}
	close(packets)
	<-sent
}

// acknowledged returns the acknowledgement of an event without arguments.
func acknowledged(event string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(event, "42"), "[")
	return "43" + id + "[]"
}

// The events of one POST that would take longer than half a minute are refused.
func TestLimitOfMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		run(t, programOptions{listener: l, block: "  max_messages: 2\n"})
		h := &harness{url: "http://x/socket.io/", http: &http.Client{Transport: &http.Transport{DialContext: l.dial}}, timeout: time.Minute}
		t.Cleanup(h.http.CloseIdleConnections)
		c := h.poller(t)
		c.connect()
		began := time.Now()
		c.send(slices.Repeat([]string{`42["other"]`}, 100)...)
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
		refused := 0
		for refused < 38 {
			if packet := c.next(); packet == `42["session_error",{"code":"resource_exhausted","message":"too many events a second"}]` {
				refused++
			}
		}
	})
}

// A client in a namespace of its own is answered there, and in no other.
func TestNamespace(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent+"namespace: /chat")
	w := h.dial(t, "")
	w.send("40", "40/other,")
	w.wants(`44{"message":"Invalid namespace"}`, `44/other,{"message":"Invalid namespace"}`)
	w.send(`42["session_request"]`, "40/chat,")
	if got := w.next(); !strings.HasPrefix(got, `40/chat,{"sid":"`) {
		t.Fatalf("not connected but %q", got)
	}
	w.send(`42/chat,["session_request",null]`)
	id := strings.TrimSuffix(strings.TrimPrefix(w.next(), `42/chat,["session_confirm","`), `"]`)
	w.send(`42/chat,5["user_uttered",{"message":"hi","session_id":"` + id + `"}]`)
	w.wants("43/chat,5[]")
	if err := h.sendText(t, h.in.Posted()[0].Sender, "hello"); err != nil {
		t.Error(err)
	}
	w.wants(`42/chat,["bot_uttered",{"text":"hello"}]`)
	w.send("41/chat,")
	w.send("40/chat,") // it may come back
	if got := w.next(); !strings.HasPrefix(got, `40/chat,{"sid":"`) {
		t.Errorf("not connected again but %q", got)
	}
}

func TestSessionRequest(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent+secret)
	first := h.dial(t, "")
	first.connect()
	id := first.session("null")
	sender, _, _ := strings.Cut(id, ".")
	h.waitConnected(t, sender)
	for _, request := range []string{
		"{}", `{"session_id":null}`, `{"session_id":"0123456789abcdef0123456789abcdef"}`, `{"session_id":"` + sender + `"}`,
	} {
		other := h.dial(t, "")
		other.connect()
		if got := other.session(request); got == id {
			t.Errorf("%s gets the session", request)
		}
	}
	again := h.dial(t, "")
	again.connect()
	if got := again.session(`{"session_id":"` + id + `"}`); got != id {
		t.Errorf("its own id gets the session %q", got)
	}
	again.send(`42["user_uttered",{"message":"hi","session_id":"` + id + `"}]`)
	if got := h.posted(t, 1)[0].Sender; got != sender {
		t.Errorf("the sender is %q, want %q", got, sender)
	}
	if err := h.sendText(t, sender, "hello"); err != nil {
		t.Error(err)
	}
	first.wants(`42["bot_uttered",{"text":"hello"}]`)
	again.wants(`42["bot_uttered",{"text":"hello"}]`)
}

// A session belongs to the subject for whose token it was confirmed.
func TestSessionOfASubject(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent+"jwt_key: "+jwtKey)
	connect := func(subject string) *client {
		w := h.dial(t, "")
		w.send(`40{"token":"` + token(t, jwt.SigningMethodHS256, []byte(jwtKey), jwt.MapClaims{"sub": subject}) + `"}`)
		if got := w.next(); !strings.HasPrefix(got, `40{"sid":"`) {
			t.Fatalf("not connected but %q", got)
		}
		return w
	}
	id := connect("ann").session("null")
	request := `{"session_id":"` + id + `"}`
	if got := connect("ann").session(request); got != id {
		t.Error("ann does not get her session back")
	}
	if got := connect("bob").session(request); got == id {
		t.Error("bob gets ann's session")
	}
	w := h.dial(t, "")
	w.send("40", `42["session_request",`+request+`]`, "40")
	refused := `44{"message":"a token is needed: connect with auth: {token: \"...\"}"}`
	w.wants(refused, refused)
}

// Without session_persistence the id means nothing and the socket is the conversation.
func TestSessionRequestWithoutPersistence(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	w := h.dial(t, "")
	sender := w.connect()
	if got := w.session(`{"session_id":"mine"}`); got != "mine" {
		t.Errorf("confirmed %q", got)
	}
	if got := w.session("null"); len(got) != 32 {
		t.Errorf("confirmed %q", got)
	}
	w.send(`42["user_uttered",{"message":"hi","session_id":"mine"}]`)
	if got := h.posted(t, 1)[0].Sender; got != sender {
		t.Errorf("the sender is %q, want %q", got, sender)
	}
}

func wantAbsent(t *testing.T, err error, keep time.Duration) {
	t.Helper()
	if e := channels.AsSendError(err); err == nil || e.Class != channels.SendAbsent || e.Keep != keep {
		t.Errorf("%v, want absent, to be kept for %v", err, keep)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent+"offline_ttl: 3h")
	wantAbsent(t, h.sendText(t, "nobody", "hello"), 3*time.Hour)
	w := h.dial(t, "")
	w.connect()
	sender, _, _ := strings.Cut(w.session("null"), ".")
	if err := h.sendText(t, sender, "hello"); err != nil {
		t.Error(err)
	}
	w.wants(`42["bot_uttered",{"text":"hello"}]`)
	w.session("null") // another one, and this is left
	wantAbsent(t, h.sendText(t, sender, "hello"), 3*time.Hour)
	_, err := h.Send(t.Context(), channels.Part{Sender: sender, Reply: channels.Reply{Custom: []byte("{")}})
	if channels.AsSendError(err).Class != channels.SendRejected {
		t.Errorf("%v, want rejected", err)
	}
}

// A socket that has gone does not come back, so what waits for it is kept for a moment.
func TestSendToAGoneSocket(t *testing.T) {
	t.Parallel()
	h := serve(t, "")
	w := h.dial(t, "")
	sender := w.connect()
	w.send("41", `42["x"]`, "40")
	w.next()
	wantAbsent(t, h.sendText(t, sender, "hello"), time.Minute)
}

// A client that does not poll counts as absent at once. Its next poll wakes what waits for
// it, and the part that failed comes once.
func TestSendToAClientThatPolls(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent)
	c := h.poller(t)
	c.connect()
	sender, _, _ := strings.Cut(c.session("null"), ".")
	h.waitConnected(t, sender)
	woken := len(h.in.Woken())
	wantAbsent(t, h.sendText(t, sender, "one"), 24*time.Hour)
	said := make(chan error, 1)
	go func() {
		await(t, "the poll wakes the part", func() bool { return len(h.in.Woken()) > woken })
		said <- h.sendText(t, sender, "one again")
	}()
	c.wants(`42["bot_uttered",{"text":"one again"}]`)
	if err := <-said; err != nil {
		t.Error(err)
	}
	if err := h.sendTextTo(t, c, sender, "two"); err != nil {
		t.Error(err)
	}
}

// A tab between two polls keeps no part from another, and has the part by its next poll.
func TestSendToSeveralTabs(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent)
	p, w := h.poller(t), h.dial(t, "")
	p.connect()
	w.connect()
	id := p.session("null")
	w.session(`{"session_id":"` + id + `"}`)
	sender, _, _ := strings.Cut(id, ".")
	for n := range 40 {
		if err := h.sendText(t, sender, strconv.Itoa(n)); err != nil {
			t.Error(err)
		}
		w.wants(`42["bot_uttered",{"text":"` + strconv.Itoa(n) + `"}]`)
	}
	for n := range 32 { // so many are left for it
		p.wants(`42["bot_uttered",{"text":"` + strconv.Itoa(n) + `"}]`)
	}
	p.send(`429["sync"]`)
	p.wants("439[]")
}

// A sender's oldest sockets give way when there are too many.
func TestLimitOfTabs(t *testing.T) {
	t.Parallel()
	h := serve(t, persistent)
	first := h.dial(t, "")
	first.connect()
	id := first.session("null")
	var last *client
	for range 32 {
		last = h.dial(t, "")
		last.connect()
		last.session(`{"session_id":"` + id + `"}`)
	}
	sender, _, _ := strings.Cut(id, ".")
	if err := h.sendText(t, sender, "hello"); err != nil {
		t.Error(err)
	}
	last.wants(`42["bot_uttered",{"text":"hello"}]`)
	first.send(`427["nothing"]`)
	first.wants("437[]")
}

// A client that asks and never takes the answers is let go.
func TestLimitOfQueue(t *testing.T) {
	t.Parallel()
	h := serve(t, "max_messages: 10000")
	c := h.poller(t)
	c.connect()
	c.send(strings.Split(strings.Repeat(`421["x"] `, 1001)[:1001*len(`421["x"] `)-1], " ")...)
	if status, _ := c.request("GET", ""); status != 400 {
		t.Errorf("the connection goes on: %d", status)
	}
}
