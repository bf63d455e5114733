package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call makes a call with a JSON body and returns the status and the description.
func call(s *telegramtest.Server, token, method, body string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, "/bot"+token+"/"+method, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer struct{ Description string }
	if json.Unmarshal(w.Body.Bytes(), &answer) != nil {
		return w.Code, w.Body.String()
	}
	return w.Code, answer.Description
}

const (
	token       = "9001:fake"
	waitTimeout = 2 * time.Minute
)

// TestRefusals has Telegram's words, of
// https://github.com/tdlib/telegram-bot-api and https://github.com/tdlib/td.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(telegramtest.Options{})
	t.Cleanup(s.Close)
	s.Say(1, "hi")
	s.SayIn(-5, 1, "hi")
	s.Say(2, "hi")
	s.Block(2)
	text := func(text string) string { return fmt.Sprintf(`{"chat_id":1,"text":%q}`, text) }
	html := func(text string) string { return fmt.Sprintf(`{"chat_id":1,"parse_mode":"HTML","text":%q}`, text) }
	for _, c := range []struct {
		name, token, method, body string
		status                    int
		want                      string
	}{
		{"another token", "1:x", "getMe", "", 401, "Unauthorized"},
		{"no token", "x", "getMe", "", 404, "Not Found"},
		{"unknown method", token, "fly", "", 404, "Not Found: method not found"},
		{"not JSON", token, "sendMessage", "{", 400, "Bad Request: can't parse request body as JSON object"},
		{"nobody", token, "sendMessage", `{"chat_id":9,"text":"a"}`, 400, "Bad Request: chat not found"},
		{"blocked", token, "sendMessage", `{"chat_id":2,"text":"a"}`, 403, "Forbidden: bot was blocked by the user"},
		{"no topics", token, "sendMessage", `{"chat_id":-5,"message_thread_id":1,"text":"a"}`, 400, "Bad Request: message thread not found"},
		{"4096 emoji", token, "sendMessage", text(strings.Repeat("😀", 4096)), 200, ""},
		{"4097 emoji", token, "sendMessage", text(strings.Repeat("😀", 4097)), 400, "Bad Request: message is too long"},
		{"4096 characters with tags", token, "sendMessage", html("<b>" + strings.Repeat("a", 4096) + "</b>"), 200, ""},
		{"empty", token, "sendMessage", html("<b> </b>"), 400, "Bad Request: message text is empty"},
		{"unknown tag", token, "sendMessage", html("a <p>b</p>"), 400, `Bad Request: can't parse entities: Unsupported start tag "p" at byte offset 2`},
		{"not closed", token, "sendMessage", html("<b>a"), 400, `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"crossed", token, "sendMessage", html("<b><i>a</b></i>"), 400, `Bad Request: can't parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`},
		{"not opened", token, "sendMessage", html("a</b>"), 400, `Bad Request: can't parse entities: Unexpected end tag at byte offset 1`},
		{"less than", token, "sendMessage", html("1 < 2"), 400, `Bad Request: can't parse entities: Unclosed start tag at byte offset 2`},
		{"long data", token, "sendMessage", `{"chat_id":1,"text":"a","reply_markup":{"inline_keyboard":[[{"text":"b","callback_data":"` + strings.Repeat("x", 65) + `"}]]}}`, 400, "Bad Request: BUTTON_DATA_INVALID"},
		{"draft in a group", token, "sendMessageDraft", `{"chat_id":-5,"draft_id":1,"text":"a"}`, 400, "Bad Request: TEXTDRAFT_PEER_INVALID"},
		{"nothing to edit", token, "editMessageText", `{"chat_id":1,"message_id":1,"text":"a"}`, 400, "Bad Request: message to edit not found"},
		{"old query", token, "answerCallbackQuery", `{"callback_query_id":"1"}`, 400, "Bad Request: query is too old and response timeout expired or query ID is invalid"},
		{"unknown file", token, "getFile", `{"file_id":"x"}`, 400, "Bad Request: wrong file_id or the file is temporarily unavailable"},
	} {
		if status, got := call(s, c.token, c.method, c.body); status != c.status || got != c.want {
			t.Errorf("%s: %d %q, want %d %q", c.name, status, got, c.status, c.want)
		}
	}
}

// TestUpdates confirms by offset, and refuses a poll beside a webhook.
func TestUpdates(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(telegramtest.Options{})
	t.Cleanup(s.Close)
	first := s.Say(1, "a")
	s.Say(1, "b")
	ids := func(body string) (ids []int64) {
		r := httptest.NewRequest(http.MethodPost, "/bot"+token+"/getUpdates", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var answer struct {
			Result []struct {
				ID int64 `json:"update_id"`
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		for _, u := range answer.Result {
			ids = append(ids, u.ID)
		}
		return ids
	}
	got := [][]int64{ids(`{"limit":1}`), ids(`{}`), ids(fmt.Sprintf(`{"offset":%d}`, first+1)), ids(fmt.Sprintf(`{"offset":%d}`, first+2))}
	if diff := cmp.Diff([][]int64{{first}, {first, first + 1}, {first + 1}, nil}, got); diff != "" {
		t.Error(diff)
	}
	call(s, token, "setWebhook", `{"url":"http://127.0.0.1:1/"}`)
	if status, text := call(s, token, "getUpdates", "{}"); status != 409 || !strings.Contains(text, "webhook is active") {
		t.Errorf("%d %s", status, text)
	}
}

// TestTwoPolls ends the first.
func TestTwoPolls(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(telegramtest.Options{})
	t.Cleanup(s.Close)
	type outcome struct {
		status int
		text   string
	}
	first := make(chan outcome, 1)
	go func() {
		status, text := call(s, token, "getUpdates", `{"timeout":50}`)
		first <- outcome{status, text}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	if err := s.Wait(ctx, s.Polled); err != nil {
		t.Fatal(err)
	}
	call(s, token, "getUpdates", `{"timeout":0}`)
	if got := <-first; got.status != 409 || !strings.Contains(got.text, "terminated by other getUpdates request") {
		t.Errorf("%+v", got)
	}
}

// TestMarkup parses what our own package writes.
func TestMarkup(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(telegramtest.Options{})
	t.Cleanup(s.Close)
	s.Say(1, "hi")
	source := "# Title\n\n**bold** *it* `code` [l](https://x.test/?a=1&b=2) <tag> &amp;\n\n> quote\n\n```go\nx < 1\n```\n\n- a\n- b"
	for i := range len(source) {
		text := markup.Partial(markup.Telegram, strings.ToValidUTF8(source[:i+1], ""))
		if strings.TrimSpace(text) == "" {
			continue
		}
		body, err := channels.Marshal(map[string]any{"chat_id": 1, "text": text, "parse_mode": "HTML"})
		if err != nil {
			t.Fatal(err)
		}
		if status, got := call(s, token, "sendMessage", string(bytes.TrimSpace(body))); status != 200 {
			t.Errorf("%q: %s", text, got)
		}
	}
}
