package telegramopenai_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// wire stands between the agent and the model's server. It hands everything on as it is, and
// keeps what is asked.
type wire struct {
	url string
	// hold is called behind the first piece of a streamed answer, before the rest is handed on.
	hold func()

	mu    sync.Mutex
	asked []asked
}

// asked is a request to the model's server.
type asked struct {
	path, contentType string
	body              []byte
	status            int
}

// newWire returns a wire to a server.
func newWire(t *testing.T, server string, hold func()) *wire {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{hold: hold}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ModifyResponse: w.answered}
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		w.mu.Lock()
		w.asked = append(w.asked, asked{path: r.URL.Path, contentType: r.Header.Get("Content-Type"), body: body})
		w.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

// firstPiece is a streamed answer up to its first piece of text.
var firstPiece = regexp.MustCompile(`(?s)^.*?"content":"[^"].*?\n\n`)

// answered notes the status, and cuts a streamed answer where it is held.
func (w *wire) answered(res *http.Response) error {
	w.mu.Lock()
	w.asked[len(w.asked)-1].status = res.StatusCode
	w.mu.Unlock()
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return nil
	}
	whole, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	first := firstPiece.Find(whole)
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(first), holder(w.hold), bytes.NewReader(whole[len(first):])))
	return nil
}

// requests returns what was asked.
func (w *wire) requests() []asked {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]asked(nil), w.asked...)
}

// holder has nothing to read, once it returns.
type holder func()

func (h holder) Read([]byte) (int, error) {
	h()
	return 0, io.EOF
}
