package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

const indexHTML = `<!doctype html><script src="assets/main-0123456789.js"></script>`

// mainJS is large enough to be compressed.
var mainJS = strings.Repeat("console.log(1);\n", 100)

// withChat returns a service with a chat page.
func withChat(t *testing.T) *servicetest.Running {
	return servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t), Chat: fstest.MapFS{
		"index.html":                {Data: []byte(indexHTML)},
		"assets/main-0123456789.js": {Data: []byte(mainJS)},
	}})
}

// fetch sends a request and follows no redirect. Headers come in pairs.
func fetch(t *testing.T, h *servicetest.Running, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(servicetest.Context(t), method, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := h.HTTP1.Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestChatFiles(t *testing.T) {
	t.Parallel()
	h := withChat(t)
	for _, c := range []struct {
		name, method, path         string
		status                     int
		mime, caching, allow, body string
	}{
		{name: "index", path: "/chat/", status: 200, mime: "text/html; charset=utf-8", caching: "no-cache", body: indexHTML},
		{name: "index by name", path: "/chat/index.html", status: 200, mime: "text/html; charset=utf-8", caching: "no-cache", body: indexHTML},
		{name: "hashed file", path: "/chat/assets/main-0123456789.js", status: 200, mime: "text/javascript; charset=utf-8", caching: "public, max-age=31536000, immutable", body: mainJS},
		{name: "HEAD", method: http.MethodHead, path: "/chat/", status: 200, mime: "text/html; charset=utf-8", caching: "no-cache"},
		{
			name: "no such file", path: "/chat/none", status: 404, mime: "application/json",
			body: `{"error":{"code":"not_found","message":"no route GET /chat/none"}}`,
		},
		{
			name: "a directory", path: "/chat/assets/", status: 404, mime: "application/json",
			body: `{"error":{"code":"not_found","message":"no route GET /chat/assets/"}}`,
		},
		{
			name: "POST", method: http.MethodPost, path: "/chat/", status: 405, mime: "application/json", allow: "GET, HEAD",
			body: `{"error":{"code":"method_not_allowed","message":"method POST: the chat page is only read"}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.method == "" {
				c.method = http.MethodGet
			}
			res, body := fetch(t, h, c.method, c.path)
			got := []any{res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Cache-Control"), res.Header.Get("Allow"), body}
			if diff := cmp.Diff([]any{c.status, c.mime, c.caching, c.allow, c.body}, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChatHeaders(t *testing.T) {
	t.Parallel()
	h := withChat(t)
	for _, path := range []string{"/chat/", "/chat/assets/main-0123456789.js"} {
		res, _ := fetch(t, h, http.MethodGet, path)
		policy := res.Header.Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
			"frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'",
		} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: policy %q has no %s", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Vary": "Accept-Encoding"} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestChatIsNotSentTwice(t *testing.T) {
	t.Parallel()
	h := withChat(t)
	first, _ := fetch(t, h, http.MethodGet, "/chat/")
	etag := first.Header.Get("ETag")
	if etag == "" {
		t.Fatal("no ETag")
	}
	if res, body := fetch(t, h, http.MethodGet, "/chat/", "If-None-Match", etag); res.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("the same again: %d %q", res.StatusCode, body)
	}
	if res, body := fetch(t, h, http.MethodGet, "/chat/", "If-None-Match", `"another"`); res.StatusCode != http.StatusOK || body != indexHTML {
		t.Errorf("another: %d %q", res.StatusCode, body)
	}
}

func TestChatIsCompressed(t *testing.T) {
	t.Parallel()
	h := withChat(t)
	const path = "/chat/assets/main-0123456789.js"
	res, body := fetch(t, h, http.MethodGet, path, "Accept-Encoding", "br, gzip;q=0.8")
	if res.Header.Get("Content-Encoding") != "gzip" || len(body) >= len(mainJS) {
		t.Fatalf("%d bytes, %v", len(body), res.Header)
	}
	z, err := gzip.NewReader(bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != mainJS {
		t.Errorf("it holds %q, %v", plain, err)
	}
	if res, body := fetch(t, h, http.MethodGet, path, "Accept-Encoding", "gzip;q=0"); res.Header.Get("Content-Encoding") != "" || body != mainJS {
		t.Errorf("for a client that refuses it: %v", res.Header)
	}
}

func TestRootSendsBrowsersToChat(t *testing.T) {
	t.Parallel()
	with := withChat(t)
	without := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)})
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		name         string
		h            *servicetest.Running
		method, path string
		accept       string
		status       int
		to           string
	}{
		{name: "browser", h: with, path: "/", accept: browser, status: 303, to: "chat/"},
		{name: "browser, HEAD", h: with, method: http.MethodHead, path: "/", accept: browser, status: 303, to: "chat/"},
		{name: "curl", h: with, path: "/", accept: "*/*", status: 200},
		{name: "no Accept", h: with, path: "/", status: 200},
		{name: "plain text", h: with, path: "/", accept: "text/plain", status: 200},
		{name: "anything but HTML", h: with, path: "/", accept: "text/html;q=0, */*", status: 200},
		{name: "HTML in capitals", h: with, path: "/", accept: "TEXT/HTML; charset=utf-8", status: 303, to: "chat/"},
		{name: "without the last slash", h: with, path: "/chat", accept: browser, status: 303, to: "chat/"},
		{name: "no page, browser", h: without, path: "/", accept: browser, status: 200},
		{name: "no page, its path", h: without, path: "/chat/", accept: browser, status: 404},
		{name: "no page, its path without the slash", h: without, path: "/chat", accept: browser, status: 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.method == "" {
				c.method = http.MethodGet
			}
			var headers []string
			if c.accept != "" {
				headers = []string{"Accept", c.accept}
			}
			res, body := fetch(t, c.h, c.method, c.path, headers...)
			if res.StatusCode != c.status || res.Header.Get("Location") != c.to {
				t.Errorf("%d to %q, want %d to %q", res.StatusCode, res.Header.Get("Location"), c.status, c.to)
			}
			if c.path == "/" && c.status == http.StatusOK && !strings.HasPrefix(body, "Hello from Manyvox: ") {
				t.Errorf("body %q", body)
			}
			if c.path == "/" && c.h == with && res.Header.Get("Vary") != "Accept" {
				t.Errorf("Vary %q", res.Header.Get("Vary"))
			}
		})
	}
}

func TestChatNeedsNoToken(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest: {token: open-sesame}\n"), Agent: servicetest.UncalledAgent(t), AuthToken: "0perator",
		Chat: fstest.MapFS{"index.html": {Data: []byte(indexHTML)}},
	})
	if res, body := fetch(t, h, http.MethodGet, "/chat/"); res.StatusCode != http.StatusOK || body != indexHTML {
		t.Errorf("%d %q", res.StatusCode, body)
	}
}
