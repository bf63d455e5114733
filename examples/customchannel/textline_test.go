package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	customchannel "example.com/customchannel"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

func TestTextlineInbound(t *testing.T) {
	t.Parallel()
	body := `{"message_id":"1","from":"ann","message":"hi"}`
	posted := []channels.Message{{ID: "1", Sender: "ann", Text: "hi"}}
	channeltest.Inbound(t, channeltest.Open(t, customchannel.TextlineType(), "api_key: k"), []channeltest.Case{
		{Name: "stored", Body: body, Posted: posted},
		{Name: "invalid is acknowledged", Body: body, Posted: posted, Err: channels.Errorf(channels.CodeInvalid, "too long")},
		{
			Name: "unavailable comes again", Body: body, Posted: posted, Err: channels.Errorf(channels.CodeUnavailable, "the disk is full"),
			Status: http.StatusServiceUnavailable, Answer: `{"error":{"code":"unavailable","message":"the disk is full"}}`,
		},
	})
}

func TestTextlineFit(t *testing.T) {
	t.Parallel()
	yes := channels.Button{Title: "Yes", Payload: "/yes"}
	choice := channels.Choice{Key: channels.ChoiceKey("/yes"), Title: "Yes", Payload: "/yes"}
	long := strings.Repeat("word ", 300) // 1,500 characters
	part := func(text string, choices ...channels.Choice) channels.Part {
		return channels.Part{Sender: "ann", Reply: channels.Reply{Text: text}, Choices: choices}
	}
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  []channels.Part
	}{
		{"a text", channels.Reply{Text: "hi"}, []channels.Part{part("hi")}},
		{"an image", channels.Reply{Image: "https://x/i.png"}, []channels.Part{part("https://x/i.png")}},
		{"buttons", channels.Reply{Text: "Sure?", Buttons: []channels.Button{yes}}, []channels.Part{part("Sure?\n1. Yes", choice)}},
		{"cards", channels.Reply{Elements: []channels.Element{{Title: "A", Subtitle: "a", Buttons: []channels.Button{yes}}, {Title: "B", Subtitle: "b"}}},
			[]channels.Part{part("A : a\n1. Yes", choice), part("B : b")}},
		{"what cannot be shown", channels.Reply{Custom: []byte(`{}`)}, nil},
		{"a long text", channels.Reply{Text: long}, []channels.Part{part(strings.TrimSpace(long[:1000])), part(strings.TrimSpace(long[1000:]))}},
		{"a long word", channels.Reply{Text: strings.Repeat("ü", 1001)}, []channels.Part{part(strings.Repeat("ü", 1000)), part("ü")}},
		{"buttons under a long text", channels.Reply{Text: long, Buttons: []channels.Button{yes}},
			[]channels.Part{part(strings.TrimSpace(long[:1000])), part(long[1000:]+"\n1. Yes", choice)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fitter := channeltest.Open(t, customchannel.TextlineType(), "api_key: k").(channels.Fitter)
			if diff := cmp.Diff(c.want, fitter.Fit(channels.Part{Sender: "ann", Reply: c.reply})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// textline is a server in the platform's place. It records the calls.
type textline struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	answer string
	calls  []string
	// called gets each call once it is recorded, when there is room.
	called chan string
}

func newTextline(t *testing.T) *textline {
	t.Helper()
	p := &textline{status: http.StatusOK, answer: `{"id":"m/1"}`, called: make(chan string, 100)}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// ServeHTTP answers with the status and the answer.
func (p *textline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	call := fmt.Sprintf("%s %s %s %s%s", r.Method, r.URL.EscapedPath(), r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), body)
	p.calls = append(p.calls, call)
	p.called <- string(body)
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(p.status)
	_, _ = io.WriteString(w, p.answer)
}

func (p *textline) block() string { return "{api_key: key, api_base_url: '" + p.URL + "'}" }

func TestTextlineSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		answer string
		want   channels.SendError
	}{
		{400, "", channels.SendError{Class: channels.SendRejected, Code: "400"}},
		{401, "", channels.SendError{Class: channels.SendUnauthorized, Code: "401"}},
		{402, "", channels.SendError{Class: channels.SendUnauthorized, Scope: channels.ScopeChannel, Code: "402"}},
		{403, "", channels.SendError{Class: channels.SendGone, Code: "403"}},
		{429, "", channels.SendError{Class: channels.SendThrottled, RetryAfter: 7 * time.Second, Code: "429"}},
		{500, "", channels.SendError{Class: channels.SendUnavailable, Code: "500"}},
		{200, "oops", channels.SendError{Class: channels.SendUnknown}},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			t.Parallel()
			p := newTextline(t)
			p.status, p.answer = c.status, c.answer
			sender := channeltest.Open(t, customchannel.TextlineType(), p.block()).(channels.Sender)
			_, err := sender.Send(t.Context(), channels.Part{ID: "p1", Sender: "ann", Reply: channels.Reply{Text: "hi"}})
			got := *channels.AsSendError(err)
			got.Err = nil
			if got != c.want {
				t.Errorf("the error is %+v, want %+v", got, c.want)
			}
		})
	}
}

// A part that is sent again has the same key, and another one than that of Open.
func TestTextlineKey(t *testing.T) {
	t.Parallel()
	p := newTextline(t)
	sender := channeltest.Open(t, customchannel.TextlineType(), p.block()).(channels.Sender)
	for range 2 {
		receipt, err := sender.Send(t.Context(), channels.Part{ID: "p1", Sender: "ann", Reply: channels.Reply{Text: "hi"}})
		if err != nil || receipt.ID != "m/1" || receipt.Time.IsZero() {
			t.Errorf("receipt %+v, %v", receipt, err)
		}
	}
	want := `POST /messages Bearer key p1{"text":"hi","to":"ann"}`
	if diff := cmp.Diff([]string{want, want}, p.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// The calls of a reply that grows.
func TestTextlineGrows(t *testing.T) {
	t.Parallel()
	p := newTextline(t)
	c := channeltest.Open(t, customchannel.TextlineType(), p.block()).(channels.Streamer)
	part := channels.Part{ID: "p1", Sender: "ann", Reply: channels.Reply{Text: "one"}}
	receipt, err := c.Open(t.Context(), part)
	if err != nil {
		t.Fatal(err)
	}
	part.Reply.Text = "one two"
	if err := c.Append(t.Context(), part, receipt, " two"); err != nil {
		t.Error(err)
	}
	part.Reply.Text = "one two three"
	if closed, err := c.Close(context.WithoutCancel(t.Context()), part, receipt, " three"); err != nil || closed.ID != "m/1" {
		t.Errorf("receipt %+v, %v", closed, err)
	}
	want := []string{
		`POST /messages Bearer key p1-live{"text":"one","to":"ann"}`,
		`PUT /messages/m%2F1 Bearer key {"text":"one two","to":"ann"}`,
		`PUT /messages/m%2F1 Bearer key {"text":"one two three","to":"ann"}`,
	}
	if diff := cmp.Diff(want, p.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// The whole program: what comes in is answered by a call of the platform.
func TestTextlineProgram(t *testing.T) {
	t.Parallel()
	p := newTextline(t)
	url := start(t, "textline:\n  token: t\n  api_key: key\n  api_base_url: "+p.URL+"\n") + "/webhooks/textline/webhook"
	for token, want := range map[string]int{"": http.StatusUnauthorized, "?token=t": http.StatusOK} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+token, strings.NewReader(`{"from":"ann","message":"hello"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("with %q: status %d, want %d", token, resp.StatusCode, want)
		}
	}
	for got := ""; got != `{"text":"hello","to":"ann"}`; { // it may have grown
		select {
		case got = <-p.called:
		case <-t.Context().Done():
			t.Fatalf("Textline is called with %s last", got)
		}
	}
}

func TestTextlineOutbound(t *testing.T) {
	t.Parallel()
	call := `POST /messages {"text":"hi","to":"ann"}`
	channeltest.Outbound(t, customchannel.TextlineType(), "{api_key: s3cr3t, api_base_url: http://api.textline.example}", []channeltest.Sent{
		{Name: "taken", Sender: "ann", Reply: channels.Reply{Text: "hi"}, Calls: []string{call}, Receipt: "m1",
			Header:  map[string]string{"Authorization": "Bearer s3cr3t", "Idempotency-Key": "part"},
			Answers: []http.HandlerFunc{channeltest.Answer(http.StatusOK, `{"id":"m1"}`)}},
		{Name: "unpaid", Sender: "ann", Reply: channels.Reply{Text: "hi"}, Calls: []string{call},
			Answers: []http.HandlerFunc{channeltest.Answer(http.StatusPaymentRequired, "")},
			Err:     &channels.SendError{Class: channels.SendUnauthorized, Scope: channels.ScopeChannel, Code: "402"}},
	})
}
