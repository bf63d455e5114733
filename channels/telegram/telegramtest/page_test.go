package telegramtest_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// TestPage writes and presses as the page does, and refuses what a page of another origin can
// send.
func TestPage(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(telegramtest.Options{})
	t.Cleanup(s.Close)
	do := func(method, path, contentType, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	const plainJSON = "application/json"
	if w := do("GET", "/", "", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "<title>") {
		t.Errorf("the page: %d", w.Code)
	}
	if w := do("GET", "/favicon.ico", "", ""); w.Code != 204 {
		t.Errorf("the icon that a browser asks for: %d", w.Code)
	}
	for _, c := range []struct {
		path, contentType, body string
		want                    int
	}{
		{"/page/say", "text/plain", `{"text":"a"}`, 400},
		{"/page/say", plainJSON, `{`, 400},
		{"/page/say", plainJSON, `{"text":"hi"}`, 200},
		{"/page/press", plainJSON, `{"text":"Yes"}`, 404},
		{"/page/stop", plainJSON, `{}`, 404},
	} {
		if w := do("POST", c.path, c.contentType, c.body); w.Code != c.want {
			t.Errorf("%s %s: %d", c.path, c.body, w.Code)
		}
	}
	call(s, token, "sendMessage", `{"chat_id":4201,"text":"?","reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"/yes"}]]}}`)
	if w := do("POST", "/page/press", plainJSON, `{"text":"Yes"}`); w.Code != 200 || s.Turning() != 1 {
		t.Errorf("press: %d", w.Code)
	}
	call(s, token, "sendMessageDraft", `{"chat_id":4201,"text":"I say","draft_id":7,"can_stop":true}`)
	if w := do("POST", "/page/stop", plainJSON, `{}`); w.Code != 200 || s.Pending() != 3 {
		t.Errorf("stop: %d, %d updates", w.Code, s.Pending())
	}
	var state struct {
		Token, How string
		Pending    int
		Chat       telegramtest.Chat
		Calls      []telegramtest.Call
	}
	if err := json.Unmarshal(do("GET", "/page/state", "", "").Body.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	if state.Token != token || state.Pending != 3 || len(state.Chat.Messages) != 2 || len(state.Calls) != 2 || state.How != "nobody fetches updates" {
		t.Errorf("%+v", state)
	}
}
