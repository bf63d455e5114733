package slacktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// do does something on the page.
func do(h http.Handler, method, path, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const jsonType = "application/json"

// TestPage writes, clicks and chooses as the page does, and refuses what a page of another origin
// can send.
func TestPage(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	if w := do(s, "GET", "/", "", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "<title>") {
		t.Errorf("the page: %d", w.Code)
	}
	for _, c := range []struct {
		action, contentType, body string
		want                      int
	}{
		{"say", "text/plain", `{"text":"a"}`, 400},
		{"say", formType, `text=a`, 400},
		{"say", jsonType, `{`, 400},
		{"say", jsonType, `{"text":"hi"}`, 200},
		{"say", jsonType, `{"text":"@vox hi","chat":"C0CREW"}`, 200},
		{"say", jsonType, `{"text":"/ask when","chat":"C0CREW"}`, 200},
		{"click", jsonType, `{"text":"Yes"}`, 404},
		{"choose", jsonType, `{"text":"Red"}`, 404},
		{"stop", jsonType, `{}`, 404},
		{"fly", jsonType, `{}`, 404},
	} {
		if w := do(s, "POST", "/page/"+c.action, c.contentType, c.body); w.Code != c.want {
			t.Errorf("%s %s: %d", c.action, c.body, w.Code)
		}
	}
	dm := slacktest.DM(slacktest.Ina)
	call(t, s, token, "chat.postMessage", in(dm, "?", `"blocks":[`+actions(button("a", "Yes", "v"))+","+menu(option("Red", "r"))+`]`))
	for action, text := range map[string]string{"click": "Yes", "choose": "Red"} {
		if w := do(s, "POST", "/page/"+action, jsonType, fmt.Sprintf(`{"text":%q}`, text)); w.Code != 200 {
			t.Errorf("%s: %d %s", action, w.Code, w.Body)
		}
	}
	var state struct {
		Token, How string
		Pending    int
		Chats      map[string]slacktest.Chat
		Calls      []slacktest.Call
	}
	if err := json.Unmarshal(do(s, "GET", "/page/state", "", "").Body.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	// A message, a mention as two, a command, the bot's own message, a click and a choice.
	if state.Token != token || state.Pending != 7 || len(state.Chats[dm].Messages) != 2 || len(state.Chats["C0CREW"].Messages) != 1 ||
		len(state.Calls) != 1 || !strings.HasPrefix(state.How, "nobody") {
		t.Errorf("%+v", state)
	}
	if text := state.Chats["C0CREW"].Messages[0].Text; text != "<@U0BOT1> hi" {
		t.Error(text)
	}
}

// TestPageURL verifies a Request URL, and says what is wrong with it.
func TestPageURL(t *testing.T) {
	t.Parallel()
	a := &app{answer: func(n int, w http.ResponseWriter, _ *http.Request) {
		if n > 1 {
			fmt.Fprintf(w, "challenge-0FAKE%d", n)
		}
	}}
	inBubble(t, slacktest.Options{}, a, func(t *testing.T, b bubble) {
		var codes []int
		for range 2 {
			codes = append(codes, do(b.Server, "POST", "/page/url", jsonType, `{"text":"http://app.test/x"}`).Code)
		}
		if diff := cmp.Diff([]int{502, 200}, codes); diff != "" {
			t.Error(diff)
		}
		synctest.Wait()
		if state := do(b.Server, "GET", "/page/state", "", "").Body.String(); !strings.Contains(state, "delivered to http://app.test/x") {
			t.Error(state)
		}
	})
}

// TestFake ends with its context, whatever is under way.
func TestFake(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dialed, ended := make(chan struct{}), make(chan struct{})
	fake := slacktest.Fake(channels.FakeEnv{Context: ctx, Dial: func(context.Context, string, string) (net.Conn, error) {
		defer close(ended)
		close(dialed)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	answered := make(chan int, 1)
	go func() { answered <- do(fake, "POST", "/page/url", jsonType, `{"text":"http://app.test/x"}`).Code }()
	<-dialed
	cancel()
	if code := <-answered; code != http.StatusBadGateway {
		t.Errorf("%d", code)
	}
	<-ended
	if w := do(fake, "POST", "/page/say", jsonType, `{"text":"hi"}`); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}
