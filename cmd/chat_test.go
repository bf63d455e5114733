package cmd_test

import (
	"io"
	"net/http"
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
		if status, body := r.get(path); status != http.StatusOK || !strings.Contains(body, "<title>Manyvox chat</title>") {
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
