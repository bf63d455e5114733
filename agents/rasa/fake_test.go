package rasa_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fake is a fake Rasa server. Its answers are the test's choice.
type fake struct {
	answer http.HandlerFunc

	mu    sync.Mutex
	turns []turn
}

// turn is a request that the fake has read whole.
type turn struct {
	uri    string
	header http.Header
	body   string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.turns = append(f.turns, turn{r.Method + " " + r.RequestURI, r.Header.Clone(), string(body)})
	f.mu.Unlock()
	f.answer(w, r)
}

func (f *fake) seen() []turn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.turns
}

// listen serves the fake on loopback and returns its address.
func (f *fake) listen(t *testing.T) string {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

// replies answers with replies as Rasa's REST channel does.
func replies(objects ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.EqualFold(r.URL.Query().Get("stream"), "true") {
			stream(w, objects)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, "[%s]", strings.Join(objects, ","))
	}
}

// stream writes lines as Rasa does: under the wrong label, each flushed.
func stream(w http.ResponseWriter, objects []string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, o := range objects {
		_, _ = io.WriteString(w, o+"\n")
		_ = http.NewResponseController(w).Flush()
	}
}

// failsMidway answers as Rasa does when a turn fails after some replies: a collected
// answer is 200 with those, a stream hangs.
func failsMidway(objects ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		replies(objects...)(w, r)
		if r.URL.Query().Get("stream") != "" {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
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

// fails answers with a status, headers in pairs and a page that repeats the query,
// token included, as the error pages of some servers do.
func fails(status int, page string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, page+" "+r.URL.RawQuery)
	}
}

// inOrder gives each turn an answer of its own, and later ones the last.
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

// hijacks writes bytes to the connection, with the request's line and headers in the
// place of %s, and closes it.
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
