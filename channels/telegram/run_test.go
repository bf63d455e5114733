package telegram_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// run runs a channel until the test ends, or stop is called, which returns what Run does.
func run(t *testing.T, c channel, in channels.Inbox) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, in); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return func() error { cancel(); return <-ended }
}

// await waits for something at the fake.
func await(t testing.TB, s *telegramtest.Server, what string, done func() bool) {
	t.Helper()
	awaitWithin(t, s, waitTimeout, what, done)
}

// awaitWithin is await for what takes long.
func awaitWithin(t testing.TB, s *telegramtest.Server, limit time.Duration, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := s.Wait(ctx, done); err != nil {
		t.Fatalf("%s: %v, after %d calls", what, err, len(s.Calls()))
	}
}

func texts(in *channeltest.Inbox) (list []string) {
	for _, m := range in.Posted() {
		list = append(list, m.Text)
	}
	return list
}

func TestPoll(t *testing.T) {
	t.Parallel()
	s, url := fake(t, telegramtest.Options{})
	s.Say(4201, "before")
	in := &channeltest.Inbox{}
	stop := run(t, open(t, polling+"\napi_base_url: "+url), in)
	await(t, s, "the first update is stored", func() bool { return len(in.Posted()) == 1 && s.Pending() == 0 })
	s.Say(4202, "then")
	s.Push(4201, object{"some_future_update": object{"x": 1}})
	s.SayIn(-5, 4201, "/ask@vox_test_bot")
	await(t, s, "all are confirmed", func() bool { return s.Pending() == 0 })
	s.Say(4201, "last") // confirmed by the last call
	await(t, s, "it is stored", func() bool { return len(in.Posted()) == 4 })
	if err := stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if n := s.Pending(); n != 0 {
		t.Errorf("%d updates are not confirmed at the end", n)
	}
	if diff := cmp.Diff([]string{"before", "then", "/ask", "last"}, texts(in)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(s.Calls("getMe", "deleteWebhook")) != 2 {
		t.Errorf("calls %v", s.Calls())
	}
}

// refusing is an inbox that is unavailable for a while.
type refusing struct {
	channeltest.Inbox
	left  atomic.Int32
	tried chan struct{}
}

func (r *refusing) Post(ctx context.Context, ms ...channels.Message) error {
	if r.left.Add(-1) >= 0 {
		r.tried <- struct{}{}
		return channels.Errorf(channels.CodeUnavailable, "the disk is full")
	}
	return r.Inbox.Post(ctx, ms...)
}

// TestPollUnavailable confirms nothing that is not stored.
func TestPollUnavailable(t *testing.T) {
	t.Parallel()
	s, url := fake(t, telegramtest.Options{})
	in := &refusing{tried: make(chan struct{}, 1)}
	in.left.Store(1)
	s.Say(4201, "a")
	run(t, open(t, polling+"\napi_base_url: "+url), in)
	<-in.tried
	if s.Pending() != 1 {
		t.Error("an update was confirmed that is not stored")
	}
	await(t, s, "it is stored later", func() bool { return s.Pending() == 0 })
	if diff := cmp.Diff([]string{"a"}, texts(&in.Inbox)); diff != "" {
		t.Error(diff)
	}
}

func TestPollAnswersQueries(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	in := &channeltest.Inbox{}
	run(t, c, in)
	if _, err := deliver(t, c, "4201", channels.Reply{Text: "?", Buttons: []channels.Button{{Title: "Yes", Payload: "/yes"}}}); err != nil {
		t.Fatal(err)
	}
	if !s.Press(4201, "Yes") {
		t.Fatal("no button")
	}
	await(t, s, "the button stops to turn, and what it said is stored", func() bool { return s.Turning() == 0 && s.Pending() == 0 })
	if got := texts(in); got[len(got)-1] != "/yes" {
		t.Errorf("posted %q", got)
	}
}

// TestPollEnds ends with what to do about an error that does not pass.
func TestPollEnds(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		method      string
		code        int
		description string
		want        string
	}{
		{"getMe", 401, "Unauthorized", "@BotFather"},
		{"getUpdates", 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", "another program fetches"},
		{"getUpdates", 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", "has set a webhook"},
		{"deleteWebhook", 404, "Not Found", "@BotFather"},
	} {
		t.Run(x.description, func(t *testing.T) {
			t.Parallel()
			c, s := onFake(t, polling)
			s.Fail(x.method, x.code, x.description, nil)
			err := c.Run(t.Context(), &channeltest.Inbox{})
			if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), token) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestPollGoesOn after errors that pass.
func TestPollGoesOn(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	s.Fail("getUpdates", 502, "Bad Gateway", nil)
	in := &channeltest.Inbox{}
	run(t, c, in)
	await(t, s, "the update is stored", func() bool { return s.Pending() == 0 })
	if diff := cmp.Diff([]string{"hi"}, texts(in)); diff != "" {
		t.Error(diff)
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	in := &channeltest.Inbox{}
	s.Attach(4201, "document", "text/plain", telegramtest.File{Name: "a.txt", Data: []byte("hello")})
	run(t, c, in)
	await(t, s, "the messages are stored", func() bool { return s.Pending() == 0 })
	posted := in.Posted()
	a := posted[len(posted)-1].Attachments[0]
	m, err := c.Fetch(t.Context(), a.Ref)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	data, err := io.ReadAll(m)
	if err != nil || string(data) != "hello" || m.Size != 5 || a.Name != "a.txt" || a.MIME != "text/plain" {
		t.Errorf("%q, %v, %+v, %+v", data, err, m, a)
	}
	for description, code := range map[string]channels.Code{
		"Bad Request: file is too big":                                      channels.CodeTooLarge,
		"Bad Request: wrong file_id or the file is temporarily unavailable": channels.CodeNotFound,
	} {
		s.Fail("getFile", 400, description, nil)
		if _, err := c.Fetch(t.Context(), a.Ref); channels.AsError(err).Code != code {
			t.Errorf("%s: %v", description, err)
		}
	}
	s.Fail("getFile", 500, "Internal Server Error", nil)
	if _, err := c.Fetch(t.Context(), a.Ref); channels.AsError(err).Code != channels.CodeUnavailable {
		t.Errorf("%v", err)
	}
}

// TestFetchPath fetches nothing outside the folder of files.
func TestFetchPath(t *testing.T) {
	t.Parallel()
	var path atomic.Pointer[string]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/getFile") {
			t.Errorf("%s is fetched", r.URL.Path)
		}
		_ = json.NewEncoder(w).Encode(object{"ok": true, "result": object{"file_path": *path.Load()}})
	}))
	t.Cleanup(server.Close)
	c := open(t, polling+"\napi_base_url: "+server.URL)
	for _, p := range []string{"", "/etc/passwd", "../botX/getMe", "a/../../b"} {
		path.Store(&p)
		if _, err := c.Fetch(t.Context(), "x"); err == nil {
			t.Errorf("%q: no error", p)
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, block, want string }{
		{"polling", polling, "@vox_test_bot; updates are fetched by long polling; 2 updates wait"},
		{"webhook", webhook, "@vox_test_bot; the webhook is not set yet: the start sets it; 2 updates wait"},
		{"all of a group", polling + "\ngroups: all", "the privacy mode is on"},
	} {
		c, _ := onFake(t, x.block)
		if got, err := c.Probe(t.Context()); err != nil || !strings.Contains(got, x.want) {
			t.Errorf("%s: %q, %v", x.name, got, err)
		}
	}
	c, s := onFake(t, polling+"\nverify: other_bot")
	if _, err := c.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "@vox_test_bot") {
		t.Errorf("another bot: %v", err)
	}
	s.Fail("getMe", 401, "Unauthorized", nil)
	if _, err := c.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "@BotFather") || strings.Contains(err.Error(), token) {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestTyping(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	if err := c.Typing(t.Context(), channels.Message{Sender: "4201"}); err != nil || s.Chat(4201).Typing != 1 {
		t.Errorf("%v", err)
	}
	s.Block(4201)
	if err := c.Typing(t.Context(), channels.Message{Sender: "4201"}); channels.AsSendError(err).Class != channels.SendGone {
		t.Errorf("%v", err)
	}
}
