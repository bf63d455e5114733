package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestEdge08_16Paths: a path that is not written as a route is leads nowhere: a redirect
// would lose the body or the token.
func TestEdge08_16Paths(t *testing.T) {
	t.Parallel()
	s := service.New(service.Config{
		Channels: servicetest.Channels(t, "rest: {token: s3cret}\n"), Journal: memory.Open(), Agent: servicetest.ReplyWith("hello"),
	})
	for path, want := range map[string]int{
		"/webhooks/rest/webhook":             http.StatusOK,
		"/webhooks/rest/webhook/":            http.StatusOK,
		"//webhooks/rest/webhook":            http.StatusNotFound,
		"/webhooks//rest/webhook":            http.StatusNotFound,
		"/webhooks/rest//webhook":            http.StatusNotFound,
		"/webhooks/rest/webhook//":           http.StatusNotFound,
		"/webhooks/./rest/webhook":           http.StatusNotFound,
		"/x/../webhooks/rest/webhook":        http.StatusNotFound,
		"/webhooks/rest%2Fwebhook":           http.StatusNotFound,
		"/webhooks/rest%2fwebhook":           http.StatusNotFound,
		"/webhooks%2Frest/webhook":           http.StatusNotFound,
		"/webhooks/rest/%2e%2e/rest/webhook": http.StatusNotFound,
		"/webhooks/%72est/webhook":           http.StatusNotFound,
		"/%77ebhooks/rest/webhook":           http.StatusNotFound,
	} {
		req := httptest.NewRequest(http.MethodPost, path+"?token=s3cret", strings.NewReader(`{"message":"hi"}`))
		res := servicetest.Record(s.Handler(), req)
		if res.Code != want || res.Header().Get("Location") != "" {
			t.Errorf("%s: %d to %q, want %d", path, res.Code, res.Header().Get("Location"), want)
		}
		if got := res.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: %s %s", path, got, res.Body)
		}
	}
}
