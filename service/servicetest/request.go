package servicetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Get returns status and body of a route.
func (r *Running) Get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(Context(t), http.MethodGet, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Do(t, r.HTTP1, req)
}

// PostBody posts a body to a route and returns status and body of the answer.
func (r *Running) PostBody(t *testing.T, path, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(Context(t), http.MethodPost, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return Do(t, r.HTTP1, req)
}

// Do returns status and body of the answer to a request.
func Do(t *testing.T, c *http.Client, req *http.Request) (status int, body string) {
	t.Helper()
	res, err := c.Do(req) //nolint:gosec // the test chooses the URL
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// Record has a handler answer a request without a network.
func Record(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	return res
}
