package channels_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// A proxy of the configuration is asked for what is elsewhere, by calls and downloads alike.
func TestProxy(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.URL.String())
	}))
	t.Cleanup(server.Close)
	proxy, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	dial := new(net.Dialer).DialContext
	const want = "GET http://platform.test/a"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://platform.test/a", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := channels.NewClient(channels.ClientConfig{Dial: dial, Proxy: proxy}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(res.Body); string(data) != want || err != nil {
		t.Errorf("a call: %q, %v", data, err)
	}
	_ = res.Body.Close()
	m, err := channels.NewDownloader(dial).Through(proxy).Get(req)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if data, err := io.ReadAll(m); string(data) != want || err != nil {
		t.Errorf("a download: %q, %v", data, err)
	}
	if none := channels.NewDownloader(dial).Through(nil); none == nil {
		t.Error("no Downloader without a proxy")
	}
}
