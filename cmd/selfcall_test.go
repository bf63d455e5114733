package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/manyvox/manyvox/cmd"
)

// TestEdge08_05: an agent whose address is this program's own ends the start.
func TestEdge08_05(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url   string
		flags []string
		want  string // of the error, "" when the start goes on
	}{
		{"http://localhost:5005", nil, "port 5005 of this machine"},
		{"http://127.0.0.1:5005", nil, "port 5005 of this machine"},
		{"http://[::1]:5005/", nil, "port 5005 of this machine"},
		{"http://0.0.0.0:5005", nil, "port 5005 of this machine"},
		{"http://localhost:8080", []string{"-p", "8080", "-i", "127.0.0.1"}, "port 8080 of this machine"},
		{"http://localhost", []string{"-p", "80"}, "port 80 of this machine"},
		{"http://localhost:5006/webhooks/rest/webhook", nil, "expected the server's address alone, such as http://localhost:5006"},
	} {
		dir := files(t, map[string]string{"credentials.yml": "rest:\n", "endpoints.yml": "agent:\n  type: rasa\n  url: " + c.url + "\n"})
		got := runToEnd(t, dir, append([]string{"run", "--data-dir", dir, "--credentials", dir + "/credentials.yml", "--endpoints", dir + "/endpoints.yml"}, c.flags...)...)
		if got.code != cmd.ExitUsage || !strings.HasPrefix(got.err, "manyvox: endpoints.yml:3: agent rasa: url: ") || !strings.Contains(got.err, c.want) {
			t.Errorf("%s %v: %+v", c.url, c.flags, got)
		}
	}
}

// TestEdge08_05Hops: a message that comes back by another name of this program is answered at
// once, on every way in; the agent is called once for each.
func TestEdge08_05Hops(t *testing.T) {
	t.Parallel()
	var target atomic.Pointer[url.URL]
	var calls atomic.Int64
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		calls.Add(1)
		r.SetURL(target.Load())
	}})
	t.Cleanup(proxy.Close)
	r := start(t, localFlags(t, "rest:\n", "agent: {type: rasa, url: \""+proxy.URL+"\"}\n")...)
	own, err := url.Parse("http://" + r.addr)
	if err != nil {
		t.Fatal(err)
	}
	target.Store(own)
	for _, query := range []string{"", "?stream=true"} {
		res, body := r.post(query, `{"sender":"ann","message":"hello"}`)
		if res.StatusCode != http.StatusBadGateway && query == "" {
			t.Errorf("%d %s", res.StatusCode, body)
		}
		if !strings.Contains(body, `"code":"agent_failed"`) {
			t.Errorf("%s: %s", query, body)
		}
	}
	r.end()
	if n := calls.Load(); n != 2 {
		t.Errorf("%d calls of the agent", n)
	}
	if log := r.err.String(); !strings.Contains(log, "the message comes back to this program") {
		t.Errorf("the log does not say why: %s", log)
	}
}
