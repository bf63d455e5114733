package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// pageServer serves the pages as any web server would. It replaces the program's port in
// them, which is another in each test.
type pageServer struct {
	bundle string
	edit   *strings.Replacer
}

func (f pageServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file := filepath.Base(r.URL.Path)
	switch file {
	case "connect.js":
		file = f.bundle
	case filepath.Base(socket):
		file = socket
	case "favicon.ico": // a browser asks for it, and would complain in the console
		w.WriteHeader(http.StatusNoContent)
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, file, time.Time{}, strings.NewReader(f.edit.Replace(string(data))))
}

// recordingProxy forwards requests to the program and records them with their answers.
type recordingProxy struct {
	url      string
	mu       sync.Mutex
	requests []request
}

type request struct {
	method, path    string
	asked, answered http.Header
	status          int
}

func record(t *testing.T, program string) *recordingProxy {
	t.Helper()
	target, err := url.Parse(program)
	if err != nil {
		t.Fatal(err)
	}
	r := &recordingProxy{}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host
		},
		ModifyResponse: r.keep,
		FlushInterval:  -1,
	})
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *recordingProxy) keep(res *http.Response) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, request{
		method: res.Request.Method, path: res.Request.URL.Path,
		asked: res.Request.Header, answered: res.Header.Clone(), status: res.StatusCode,
	})
	return nil
}

func (r *recordingProxy) all() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// paths returns the method, the path and the status of each request.
func paths(requests []request) (lines []string) {
	for _, r := range requests {
		lines = append(lines, fmt.Sprintf("%s %s %d", r.method, r.path, r.status))
	}
	return lines
}
