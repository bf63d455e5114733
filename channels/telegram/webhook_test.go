package telegram_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// served serves a channel's webhook at an address that Telegram knows.
func served(t *testing.T, o telegramtest.Options, in channels.Inbox) (channel, *telegramtest.Server) {
	t.Helper()
	s, url := fake(t, o)
	var h atomic.Pointer[http.Handler]
	us := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*h.Load()).ServeHTTP(w, r) }))
	t.Cleanup(us.Close)
	c := open(t, polling+"\nwebhook_url: "+us.URL+"/webhook\napi_base_url: "+url)
	handler := c.Inbound(in)
	h.Store(&handler)
	return c, s
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	in := &refusing{tried: make(chan struct{}, 3)}
	in.left.Store(2)
	c, s := served(t, telegramtest.Options{Pause: func(int) time.Duration { return time.Millisecond }}, in)
	s.Say(4201, "a")
	s.Say(4201, "b")
	stop := run(t, c, in)
	await(t, s, "both are delivered, after redeliveries", func() bool { return s.Pending() == 0 })
	if diff := cmp.Diff([]string{"a", "b"}, texts(&in.Inbox)); diff != "" {
		t.Error(diff)
	}
	if _, err := deliver(t, c, "4201", channels.Reply{Text: "?", Buttons: []channels.Button{{Title: "Yes", Payload: "/yes"}}}); err != nil {
		t.Fatal(err)
	}
	s.Press(4201, "Yes")
	await(t, s, "the webhook's answer stops the button", func() bool { return s.Turning() == 0 && s.Pending() == 0 })
	if err := stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	set := s.Calls("setWebhook")[0].Args
	if set["secret_token"] != secret {
		t.Errorf("secret_token %v", set["secret_token"])
	}
}

// TestSetWebhook is Rasa's route.
func TestSetWebhook(t *testing.T) {
	t.Parallel()
	s, url := fake(t, telegramtest.Options{})
	set := func(method string) (int, string) {
		h := open(t, webhook+"\napi_base_url: "+url).Inbound(&channeltest.Inbox{})
		var body string
		var status int
		for range 2 { // the second is not asked of Telegram
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, "/set_webhook", nil))
			status, body = w.Code, w.Body.String()
		}
		return status, body
	}
	for _, method := range []string{"GET", "POST"} {
		if status, body := set(method); status != 200 || body != "Webhook setup successful" {
			t.Errorf("%s: %d %q", method, status, body)
		}
	}
	s.Fail("setWebhook", 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook", nil)
	if status, body := set("GET"); status != 200 || body != "Invalid webhook" {
		t.Errorf("%d %q", status, body)
	}
	if status, _ := set("PUT"); status != 405 {
		t.Errorf("PUT: %d", status)
	}
	if n := len(s.Calls("setWebhook")); n != 3 {
		t.Errorf("%d calls", n)
	}
}
