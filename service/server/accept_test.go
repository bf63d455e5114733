package server_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestEdge08_16Gzip: an answer is compressed for those alone who take it, and a body is
// decompressed whatever way its encoding is written.
func TestEdge08_16Gzip(t *testing.T) {
	t.Parallel()
	s := service.New(service.Config{
		Channels: servicetest.Channels(t, "rest:\n"), Journal: memory.Open(), Agent: servicetest.ReplyWith(strings.Repeat("long ", 1000)),
	})
	post := func(header, value string, body []byte) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodPost, "/webhooks/rest/webhook", bytes.NewReader(body))
		req.Header.Set(header, value)
		return servicetest.Record(s.Handler(), req)
	}
	plain := []byte(`{"message":"hi"}`)
	for accepted, want := range map[string]string{
		"": "", "gzip": "gzip", "GZIP": "gzip", "deflate, gzip;q=1.0, *;q=0.5": "gzip", "br;q=1, gzip; q=0.2": "gzip",
		"gzip;q=0": "", "gzip; q=0.0, br": "", "identity": "", "xgzip": "", "*;q=0": "",
	} {
		if got := post("Accept-Encoding", accepted, plain).Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accepted, got, want)
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(plain); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"gzip", "GZIP", "x-gzip", "X-GZip"} {
		if res := post("Content-Encoding", encoding, zipped.Bytes()); res.Code != http.StatusOK {
			t.Errorf("Content-Encoding %q: %d %s", encoding, res.Code, res.Body)
		}
	}
}
