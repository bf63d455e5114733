package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The operator's token is for the server that was named: a redirect is not followed.
func TestTokenStaysWithTheServer(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host got %s", r.Header.Get("Authorization"))
	}))
	t.Cleanup(other.Close)
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1)+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(first.Close)
	p := newProgram()
	if code := p.Run(t.Context(), []string{"events", "--server", first.URL, "--auth-token", "s3cret"}); code != 1 {
		t.Errorf("exit code %d: %s%s", code, p.out, p.err)
	}
}
