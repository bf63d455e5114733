package openai_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a fake server of the Chat Completions API. Its answers are the test's choice.
type fake struct {
	answer http.HandlerFunc

	mu       sync.Mutex
	requests []request
}

// request is a request that the fake has read whole.
type request struct {
	uri    string
	header http.Header
	body   string
}

// key returns the JSON under a key of the body.
func (r request) key(name string) string {
	var keys map[string]json.RawMessage
	_ = json.Unmarshal([]byte(r.body), &keys)
	return string(keys[name])
}

// ServeHTTP refuses what the API would refuse, and else gives the answer.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	got := request{r.Method + " " + r.RequestURI, r.Header.Clone(), string(body)}
	f.mu.Lock()
	f.requests = append(f.requests, got)
	f.mu.Unlock()
	switch {
	case r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/chat/completions"):
		fails(404, `{"error":{"message":"Unknown request URL","type":"invalid_request_error"}}`)(w, r)
	case !json.Valid(body) || got.key("messages") == "" || got.key("model") == "" || r.Header.Get("Content-Type") != "application/json":
		fails(400, `{"error":{"message":"We could not parse the JSON body of your request.","type":"invalid_request_error"}}`)(w, r)
	default:
		f.answer(w, r)
	}
}

func (f *fake) seen() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// listen serves the fake on loopback and returns its base URL.
func (f *fake) listen(t *testing.T) string {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

// quoted returns a text as JSON.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// delta is a chunk with keys of the delta.
func delta(keys string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"m",` +
		`"choices":[{"index":0,"delta":{` + keys + `},"logprobs":null,"finish_reason":null}]}`
}

// text is a chunk with a piece of the text.
func text(piece string) string { return delta(`"content":` + quoted(piece)) }

// finish is the chunk that says why the model ended, and those that follow it.
func finish(reason string) []string {
	return []string{
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"` + reason + `"}]}`,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}`,
		`[DONE]`,
	}
}

// says answers with a text in pieces, as OpenAI does.
func says(pieces ...string) http.HandlerFunc { return ends("stop", pieces...) }

// ends answers with a text in pieces and ends for a reason.
func ends(reason string, pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		begin(w)
		for _, p := range pieces {
			send(w, text(p))
		}
		send(w, finish(reason)...)
	}
}

// begin writes the head and the first chunk of an answer.
func begin(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	send(w, delta(`"role":"assistant","content":"","refusal":null`))
}

// send writes events, each flushed.
func send(w http.ResponseWriter, events ...string) {
	for _, e := range events {
		_, _ = io.WriteString(w, "data: "+e+"\n\n")
		_ = http.NewResponseController(w).Flush()
	}
}

// breaksOff writes pieces and then breaks the connection.
func breaksOff(pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		begin(w)
		for _, p := range pieces {
			send(w, text(p))
		}
		panic(http.ErrAbortHandler)
	}
}

// stalls writes pieces, each after a wait, and then nothing more.
func stalls(wait time.Duration, pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		for _, p := range pieces {
			select {
			case <-time.After(wait): // a bubble's time
				send(w, text(p))
			case <-r.Context().Done():
				return
			}
		}
		<-r.Context().Done()
	}
}

// hangs never answers.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// raw answers 200 with a body and a label of its own.
func raw(label, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", label)
		_, _ = io.WriteString(w, body)
	}
}

// fails answers with a status, headers in pairs and a page. %s in the page is the key that was
// shown, which some servers repeat.
func fails(status int, page string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(page, "%s", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
	}
}

// inOrder gives each request an answer of its own, and later ones the last.
func inOrder(answers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		mu.Unlock()
		answer(w, r)
	}
}

// hijacks writes bytes to the connection, with the request's line and headers in the place of
// %s, and closes it.
func hijacks(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // the close is a reset
		}
		var echo bytes.Buffer
		fmt.Fprintf(&echo, "%s %s %s %v", r.Method, r.RequestURI, r.URL.Query(), r.Header)
		_, _ = io.WriteString(conn, strings.ReplaceAll(format, "%s", echo.String()))
	}
}
