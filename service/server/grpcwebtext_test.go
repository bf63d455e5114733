package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestEdge08_17: the text form of Google's gRPC-Web is refused with the forms that are taken,
// and the page for browsers says so.
func TestEdge08_17(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)})
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+manyvoxv1connect.ChannelServiceReceiveProcedure, strings.NewReader("AAAAAAA="))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/grpc-web-text")
	res, err := h.HTTP1.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if accepts := res.Header.Get("Accept-Post"); res.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(accepts, "application/grpc-web+proto") {
		t.Errorf("status %d, Accept-Post %q", res.StatusCode, accepts)
	}
	page, err := os.ReadFile("../../docs/browser.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "`application/grpc-web-text` is not served") {
		t.Error("docs/browser.md does not say that the text form is not served")
	}
}
