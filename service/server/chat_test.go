package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
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
			"frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'",
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

// shown is a page that shows all of its settings.
const shown = `<title>{{.Title}}</title>{{with .Style}}<link href="{{.}}">{{end}}<h2>{{.Heading}}</h2><p>{{.Text}}</p>` +
	`{{range .Suggestions}}<button data-send="{{.}}">{{.}}</button>{{end}}`

// showing returns a service whose chat page shows settings to pages of some origins.
func showing(t *testing.T, s instance.ChatSettings, origins ...string) *servicetest.Running {
	return servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t),
		HTTPOptions: service.HTTPOptions{ChatSettings: s, CORS: origins},
		Chat: fstest.MapFS{
			"index.html": {Data: []byte(shown)},
			"embed.js":   {Data: []byte(`(()=>{var s="%settings%";use(s)})();`)},
		},
	})
}

// What the settings say is text wherever it stands: in the page, in an attribute and in the
// script, which a browser finds under its name and the style sheet under its hash.
func TestEdge08_21_ChatShowsItsSettings(t *testing.T) {
	t.Parallel()
	h := showing(t, instance.ChatSettings{
		Title: `Ann's "<b>`, Color: "#ffcc00", Greeting: "Hi </h2>\n\"You\" & I\nthird", Suggestions: []string{`"><script>`, "/help"},
	})
	_, page := fetch(t, h, http.MethodGet, "/chat/")
	style := regexp.MustCompile(`assets/color-[0-9a-f]{16}\.css`).FindString(page)
	want := `<title>Ann&#39;s &#34;&lt;b&gt;</title><link href="` + style + `"><h2>Hi &lt;/h2&gt;</h2><p>&#34;You&#34; &amp; I` + "\nthird</p>" +
		`<button data-send="&#34;&gt;&lt;script&gt;">&#34;&gt;&lt;script&gt;</button><button data-send="/help">/help</button>`
	if diff := cmp.Diff(want, page); diff != "" || style == "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	res, css := fetch(t, h, http.MethodGet, "/chat/"+style)
	if res.Header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || !strings.Contains(css, "--said: #ffcc00;") {
		t.Errorf("style sheet %v %q", res.Header, css)
	}
	_, script := fetch(t, h, http.MethodGet, "/chat/embed.js")
	if want := `(()=>{var s={"title":"Ann's \"<b>","color":"#ffcc00","ink":"#000000"};use(s)})();`; script != want {
		t.Errorf("script %q, want %q", script, want)
	}
}

// Without settings the page shows its own, and no style sheet.
func TestEdge08_21_ChatDefaults(t *testing.T) {
	t.Parallel()
	_, page := fetch(t, showing(t, instance.ChatSettings{}), http.MethodGet, "/chat/")
	if !strings.HasPrefix(page, "<title>Manyvox</title><h2>Say something</h2><p>Your assistant is listening.") {
		t.Errorf("page %q", page)
	}
}

// A page of the origins of --cors may show the chat in a frame, one of any other may not.
func TestEdge08_21_FrameAncestors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		origins []string
		want    string
	}{
		{nil, "frame-ancestors 'self'"},
		{[]string{"https://www.example.com", "https://*.shop.example"}, "frame-ancestors 'self' https://www.example.com https://*.shop.example"},
		{[]string{"*"}, "frame-ancestors 'self' *"},
	} {
		h := showing(t, instance.ChatSettings{}, c.origins...)
		for _, path := range []string{"/chat/", "/chat/embed.js"} {
			res, _ := fetch(t, h, http.MethodGet, path)
			if policy := res.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; "+c.want) {
				t.Errorf("%q, %s: policy %q, want %s", c.origins, path, policy, c.want)
			}
		}
	}
}
