package intake_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service/servicetest"
)

// postWebhook sends a message to a webhook and returns status, Retry-After and body.
func postWebhook(t *testing.T, s *servicetest.Harness, channel, body string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/webhooks/"+channel+"/webhook", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.HTTP1.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Retry-After"), string(answer)
}
