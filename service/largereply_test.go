package service_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/socketio"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
	"github.com/manyvox/manyvox/service/servicetest"
)

// imageOf returns an image of that many bytes, as Rasa's actions inline it.
func imageOf(size int) string {
	size -= len(imageHead)
	return imageHead + strings.Repeat("iVBORw0K/", size/9+1)[:size]
}

const imageHead = "data:image/png;base64,"

// imageServer is a fake Rasa server. It answers a number by an image of that many bytes, and
// escapes as Sanic does for a collected answer: a slash is two characters there.
func imageServer(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m channels.Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		reply := channels.Reply{RecipientID: m.Sender, Text: m.Text}
		if size, err := strconv.Atoi(m.Text); err == nil {
			reply = channels.Reply{RecipientID: m.Sender, Image: imageOf(size)}
		}
		line, err := reply.AppendJSON(nil)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Query().Get("stream") == "true" {
			_, _ = w.Write(append(line, '\n')) // a large answer is not read to its end
			return
		}
		_, _ = io.WriteString(w, "["+strings.ReplaceAll(string(line), "/", `\/`)+"]")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// largeHarness is a service in front of an imageServer.
type largeHarness struct {
	*servicetest.Running
	journal journal.Journal
	// posts gets what the target of the callback channel is sent.
	posts chan string
}

func serveLarge(t *testing.T, j journal.Journal) *largeHarness {
	t.Helper()
	h := &largeHarness{journal: j, posts: make(chan string, 9)}
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h.posts <- shown(t, body)
	}))
	t.Cleanup(target.Close)
	conf := rasa.Type().New().(*rasa.Config)
	conf.URL = imageServer(t)
	agent, err := conf.Open(agents.Env{Log: slog.New(slog.DiscardHandler), Timeout: rasa.Type().Timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := agent.(agents.Closer).Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	const sorry = `{on_failure: sorry, url: "%s"}` + "\nsocketio: {on_failure: sorry}\n"
	h.Running = servicetest.OnLoopback(t, service.Config{
		Journal: j, Agent: agent,
		Channels: servicetest.Channels(t, "rest:\ncallback: "+fmt.Sprintf(sorry, target.URL), callback.Type(), socketio.Type()),
	})
	return h
}

// shown is what a reply shows: a text, or the length of a whole image. Images are taken out
// before the JSON is read, which takes long for large ones under the race detector.
func shown(t *testing.T, reply []byte) string {
	t.Helper()
	if before, image, found := strings.Cut(string(reply), imageHead); found {
		image, after, _ := strings.Cut(imageHead+image, `"`)
		if image != imageOf(len(image)) || !json.Valid([]byte(before+`"`+after)) {
			return fmt.Sprintf("a broken image: %.100s %.100s", before, after)
		}
		return fmt.Sprint("image ", len(image))
	}
	var r struct {
		Text  string
		Error *channels.ErrorObject
	}
	if err := json.Unmarshal(reply, &r); err != nil {
		t.Errorf("%.200s: %v", reply, err)
	}
	if r.Error != nil {
		return r.Error.Code + ": " + r.Error.Message
	}
	return r.Text
}

// ask asks on the webhook and returns what comes. Query and keys are added.
func (h *largeHarness) ask(t *testing.T, query, keys, text string) string {
	t.Helper()
	res, err := h.HTTP1.Post(h.URL+"/webhooks/rest/webhook"+query, "application/json",
		strings.NewReader(fmt.Sprintf(`{"sender":"ann","message":%q%s}`, text, keys)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return shown(t, bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("[")), []byte("]")))
}

// post posts to the callback channel and returns what its target is sent.
func (h *largeHarness) post(t *testing.T, text string) string {
	t.Helper()
	res, err := h.HTTP1.Post(h.URL+"/webhooks/callback/webhook", "application/json",
		strings.NewReader(fmt.Sprintf(`{"sender":"ann","message":%q}`, text)))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return <-h.posts
}

// emit sends a message over a WebSocket of its own and returns what comes.
func (h *largeHarness) emit(t *testing.T, text string) string {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), h.URL+"/socket.io/?EIO=4&transport=websocket", &websocket.DialOptions{HTTPClient: h.HTTP1})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	ws.SetReadLimit(2 * channels.MaxReply)
	for _, packet := range []string{"40", fmt.Sprintf(`42["user_uttered",{"message":%q}]`, text)} {
		if err := ws.Write(t.Context(), websocket.MessageText, []byte(packet)); err != nil {
			t.Fatal(err)
		}
	}
	for {
		_, packet, err := ws.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(packet) == "2" {
			_ = ws.Write(t.Context(), websocket.MessageText, []byte("3")) // Read says when it fails
		}
		if event, found := strings.CutPrefix(string(packet), `42["bot_uttered",`); found {
			return shown(t, []byte(strings.TrimSuffix(event, "]")))
		}
	}
}

// poll is emit of a client that polls.
func (h *largeHarness) poll(t *testing.T, text string) string {
	t.Helper()
	request := func(sid, body string) string {
		method, url := http.MethodGet, h.URL+"/socket.io/?EIO=4&transport=polling"+sid
		if body != "" {
			method = http.MethodPost
		}
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := h.HTTP1.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	var opened struct{ SID string }
	if err := json.Unmarshal([]byte(request("", "")[1:]), &opened); err != nil {
		t.Fatal(err)
	}
	sid := "&sid=" + opened.SID
	request(sid, "40\x1e"+fmt.Sprintf(`42["user_uttered",{"message":%q}]`, text))
	for {
		for packet := range strings.SplitSeq(request(sid, ""), "\x1e") {
			if packet == "2" {
				request(sid, "3")
			}
			if event, found := strings.CutPrefix(packet, `42["bot_uttered",`); found {
				request(sid, "1")
				return shown(t, []byte(strings.TrimSuffix(event, "]")))
			}
		}
	}
}

// testLargeReplies has images of these sizes come by every way, and each way then still
// answer: up to MaxReply they come whole, above it the turn fails alike.
func testLargeReplies(t *testing.T, j journal.Journal, sizes ...int) {
	h := serveLarge(t, j)
	ways := map[string]func(text string) string{
		"collected": func(text string) string { return h.ask(t, "", "", text) },
		"stream":    func(text string) string { return h.ask(t, "?stream=true", "", text) },
		"recorded":  func(text string) string { return h.ask(t, "", `,"message_id":"m`+text+`"`, text) },
		"callback":  func(text string) string { return h.post(t, text) },
		"websocket": func(text string) string { return h.emit(t, text) },
		"polling":   func(text string) string { return h.poll(t, text) },
	}
	var dead []string
	images := map[int]int{}
	for _, size := range sizes {
		text, want := fmt.Sprint(size), fmt.Sprint("image ", size)
		for way, by := range ways {
			if size > channels.MaxReply {
				want = "too_large: " + channels.ErrAnswerTooLarge.Message
				if way == "callback" || way == "websocket" || way == "polling" {
					dead = append(dead, "failed "+want)
					want = "sorry"
				}
			} else {
				images[size]++
			}
			if got := by(text); got != want {
				t.Errorf("%s of %d bytes: %.200q, want %q", way, size, got, want)
			}
			if got := by("hi " + text); got != "hi "+text {
				t.Errorf("%s after %d bytes: %.200q", way, size, got)
			}
		}
	}
	repeat := fmt.Sprint(sizes[0])
	if got := ways["recorded"](repeat); got != "image "+repeat {
		t.Errorf("a repeat: %.200q", got)
	}
	h.wantDeadLetters(t, dead)
	h.wantEvents(t, images)
}

// wantDeadLetters checks that what was too large is listed, and says so.
func (h *largeHarness) wantDeadLetters(t *testing.T, want []string) {
	t.Helper()
	letters, err := h.journal.DeadLetters(t.Context(), "", 0, 99)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range letters {
		got = append(got, d.Kind+" "+d.Reason)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
}

// wantEvents reads all events, a page at a time, and checks that the images are in them, so
// many of each size, and that no page is much larger than it may be.
func (h *largeHarness) wantEvents(t *testing.T, want map[int]int) {
	t.Helper()
	images := map[int]int{}
	for after, more := int64(-1), true; more; {
		page, err := h.journal.Events(t.Context(), journal.EventFilter{}, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for i := range page.Events {
			e := &page.Events[i]
			size += e.Size()
			for _, r := range e.Replies {
				if r.Image != "" {
					images[len(r.Image)]++
				}
			}
		}
		if limit := journal.PageBytes + channels.MaxAnswer + 1<<20; size > limit {
			t.Errorf("a page of %d bytes", size)
		}
		after, more = page.Next, page.More
	}
	if diff := cmp.Diff(want, images); diff != "" {
		t.Errorf("images in events (-want +got):\n%s", diff)
	}
}

func TestEdge08_12_LargeReplies(t *testing.T) {
	t.Parallel()
	j, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	testLargeReplies(t, j, 3<<19, channels.MaxReply, channels.MaxReply+1)
}
