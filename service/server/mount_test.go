package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// mounted is a type whose channels answer "here" at a path of their own.
func mounted() channels.Type {
	return channels.Type{Name: "mounted", New: func() channels.Config { return &mountedChannel{Path: "/here"} }}
}

type mountedChannel struct {
	Path string `yaml:"path"`
}

func (*mountedChannel) Validate() error { return nil }

func (c *mountedChannel) Open(channels.Env) (channels.Channel, error) { return c, nil }

func (*mountedChannel) Inbound(channels.Inbox) http.Handler { return nil }

func (c *mountedChannel) Mount(channels.Inbox) []channels.Route {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			channels.WriteError(w, channels.Errorf(channels.CodeTooLarge, "too large"))
			return
		}
		_, _ = io.WriteString(w, "here")
	})
	return []channels.Route{{Pattern: c.Path, Handler: h}, {Pattern: c.Path + "/{$}", Handler: h}}
}

func TestMount(t *testing.T) {
	t.Parallel()
	const page = "https://app.example"
	for _, c := range []struct {
		name         string
		cors         []string
		path, origin string
		body         string
		status       int
		want         map[string]string
	}{
		{name: "no page", path: "/here", status: 200},
		{name: "with a slash", path: "/here/", status: 200},
		{name: "below it", path: "/here/x", status: 404},
		{name: "its health", path: "/webhooks/mounted", status: 200},
		{name: "no webhook", path: "/webhooks/mounted/webhook", status: 404},
		{name: "a large body", path: "/here", body: strings.Repeat("x", 101), status: 413},
		{name: "a page of the same host", path: "/here", origin: "https://EXAMPLE.com", status: 200},
		{name: "a page of another host", path: "/here", origin: page, status: 403},
		{name: "a page of another port", path: "/here", origin: "http://example.com:81", status: 403},
		{name: "a page of no host", path: "/here", origin: "null", status: 403},
		{
			name: "a page of a listed origin", cors: []string{"https://*.example", "http://b.test"}, path: "/here", origin: page, status: 200,
			want: map[string]string{"Allow-Origin": page, "Allow-Credentials": "true", "Expose-Headers": exposed},
		},
		{name: "a page of another than the listed", cors: []string{page}, path: "/here", origin: "https://evil.example", status: 403},
		{
			name: "any page, without credentials", cors: []string{"*"}, path: "/here", origin: "null", status: 200,
			want: map[string]string{"Allow-Origin": "*", "Expose-Headers": exposed},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := service.New(service.Config{
				Channels: servicetest.Channels(t, "mounted:", mounted()), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), HTTPOptions: service.HTTPOptions{CORS: c.cors, MaxBody: 100},
				OperatorToken: "operator",
			})
			req := httptest.NewRequest(http.MethodPost, c.path, bytes.NewBufferString(c.body))
			if c.path == "/webhooks/mounted" {
				req.Method = http.MethodGet
			}
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
			}
			res := servicetest.Record(s.Handler(), req)
			if res.Code != c.status {
				t.Errorf("status %d, want %d: %s", res.Code, c.status, res.Body)
			}
			if c.want == nil {
				c.want = map[string]string{}
			}
			if diff := cmp.Diff(c.want, crossOrigin(res.Header())); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

const exposed = "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, Retry-After"
