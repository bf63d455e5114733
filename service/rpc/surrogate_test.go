package rpc_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestEdge08_16Surrogates: half of a surrogate pair is the same on each route that takes
// JSON, and so is a byte order mark.
func TestEdge08_16Surrogates(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.Echo()})
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8"} {
		for _, path := range []string{"/webhooks/rest/webhook", "/webhooks/rest/webhook?stream=true", manyvoxv1connect.ChannelServiceReceiveProcedure} {
			body := "\ufeff" + `{"sender":"a\udc00","message":"half \ud83d, whole \ud83d\ude00"}`
			req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", contentType)
			status, answer := servicetest.Do(t, h.HTTP1, req)
			if status != http.StatusOK || !strings.Contains(answer, "half \ufffd, whole 😀") || !strings.Contains(answer, "\"a\ufffd\"") {
				t.Errorf("%s: %d %s", path, status, answer)
			}
		}
	}
}
