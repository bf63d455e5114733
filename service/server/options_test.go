package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// OPTIONS is answered as Rasa 3.6 answers it: 200 with nothing, on every path, also without a
// token, and without --cors. Nothing of it reaches a channel.
func TestOptions(t *testing.T) {
	t.Parallel()
	for _, cors := range [][]string{nil, {"https://app.example"}} {
		s := service.New(service.Config{
			Channels: servicetest.Channels(t, "rest: {token: s3cret}"), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t),
			HTTPOptions: service.HTTPOptions{CORS: cors},
		})
		for _, path := range []string{
			"/", "/webhooks/rest", "/webhooks/rest/", "/webhooks/rest/webhook", "/webhooks/rest/webhook/", "/webhooks/rest/media",
			"/webhooks/gone/webhook", "/nothing", "/metrics", "/agents/rasa/messages", manyvoxv1connect.ChannelServiceReceiveProcedure,
		} {
			for _, preflight := range []bool{false, true} {
				req := httptest.NewRequest(http.MethodOptions, path, nil)
				if preflight {
					req.Header.Set("Origin", "https://app.example")
					req.Header.Set("Access-Control-Request-Method", http.MethodPost)
				}
				res := servicetest.Record(s.Handler(), req)
				allowed := preflight && cors != nil
				if res.Code != http.StatusOK || res.Body.Len() > 0 || (res.Header().Get("Access-Control-Allow-Origin") != "") != allowed {
					t.Errorf("%s, cors %v, preflight %v: %d %s %v", path, cors, preflight, res.Code, res.Body, res.Header())
				}
			}
		}
	}
}
