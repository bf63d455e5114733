package cmd_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// get returns the status and the body of a route, as a browser asks for it.
func (r *running) get(path string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://"+r.addr+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	res, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestChat(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "rest:\n", echoes, "--log-format", "text")...)
	for _, path := range []string{"/", "/chat", "/chat/"} {
		if status, body := r.get(path); status != http.StatusOK || !strings.Contains(body, "<title>Manyvox</title>") {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	r.end()
	if log := r.err.String(); !strings.Contains(log, `msg="chat page ready" url=http://localhost:`) {
		t.Errorf("the log does not say where it is: %s", log)
	}
}

func TestNoChat(t *testing.T) {
	t.Parallel()
	withoutChat(t, start(t, localFlags(t, "rest:\n", echoes, "--no-chat")...))
}

func TestEnvironmentNoChat(t *testing.T) {
	t.Setenv("MANYVOX_NO_CHAT", "true")
	withoutChat(t, start(t, localFlags(t, "rest:\n", echoes)...))
}

func withoutChat(t *testing.T, r *running) {
	t.Helper()
	if status, body := r.get("/"); status != http.StatusOK || !strings.HasPrefix(body, "Hello from Manyvox:") {
		t.Errorf("/: %d %q", status, body)
	}
	if status, body := r.get("/chat/"); status != http.StatusNotFound || !strings.Contains(body, `"code":"not_found"`) {
		t.Errorf("/chat/: %d %q", status, body)
	}
	r.end()
	if log := r.err.String(); strings.Contains(log, "chat page") {
		t.Errorf("log %s", log)
	}
}

// A reload changes what the page shows; a mistake changes nothing, and is exit code 2 at the start.
func TestEdge08_21_ChatSettingsReload(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	shows := func(want string) {
		t.Helper()
		if _, body := r.get("/chat/"); !strings.Contains(body, want) {
			t.Errorf("the page does not show %q: %s", want, body)
		}
	}
	shows(`data-send="/help"`)
	r.write(t, "endpoints.yml", echoes+"\nchat: {title: Ann's shop, color: '#fc0', suggestions: [Where is it?]}\n")
	if got := r.command(t, "reload"); got.code != 0 || !strings.Contains(got.out, "agent: kept") {
		t.Errorf("reload: %+v", got)
	}
	shows("<title>Ann&#39;s shop</title>")
	shows(`data-send="Where is it?"`)
	if _, body := r.get("/chat/"); strings.Contains(body, "/help") {
		t.Error("the page still offers /help")
	}
	r.write(t, "endpoints.yml", echoes+"\nchat: {title: Bob, color: teal}\n")
	if got := r.command(t, "reload"); got.code != 1 || !strings.Contains(got.err, `chat: color: expected a colour`) {
		t.Errorf("reload: %+v", got)
	}
	shows("<title>Ann&#39;s shop</title>")
	got := runToEnd(t, "", "check", "--endpoints", filepath.Join(r.dir, "endpoints.yml"))
	if got.code != 2 || !strings.Contains(got.err, "endpoints.yml:3: chat: color: expected a colour") {
		t.Errorf("check: %+v", got)
	}
}
