package service_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/setup"
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

func (*mountedChannel) Missing() []string { return []string{"nothing much"} }

func (c *mountedChannel) Mount(channels.Inbox) (string, http.Handler) {
	return c.Path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			channels.WriteError(w, channels.Errorf(channels.CodeTooLarge, "too large"))
			return
		}
		_, _ = io.WriteString(w, "here")
	})
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
				Channels: instances(t, "mounted:", mounted()), Journal: memory.Open(), Agent: quiet(t), CORS: c.cors, MaxBody: 100,
				AuthToken: "operator",
			})
			req := httptest.NewRequest(http.MethodPost, c.path, bytes.NewBufferString(c.body))
			if c.path == "/webhooks/mounted" {
				req.Method = http.MethodGet
			}
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
			}
			res := record(s.Handler(), req)
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

func TestMountNeedsAFreePath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, block, want string }{
		{"ours", "mounted: {path: /webhooks}", `credentials.yml:1: channel mounted: the path "/webhooks" is not free: choose another`},
		{"below ours", "mounted: {path: /webhooks/rest}", `credentials.yml:1: channel mounted: the path "/webhooks/rest" is not free: choose another`},
		{"a probe", "mounted: {path: /healthz}", `credentials.yml:1: channel mounted: the path "/healthz" is not free: choose another`},
		{"none", "mounted: {path: /}", `credentials.yml:1: channel mounted: the path "/" is not free: choose another`},
		{"another's", "mounted:\nother: {type: mounted}", `credentials.yml:2: channel other: the path "/here" is that of channel mounted: choose another`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			block, err := config.Parse("credentials.yml", []byte(c.block), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = setup.LoadCredentials(block, []channels.Type{rest.Type(), mounted()}, "", slog.New(slog.DiscardHandler))
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestMountedInstance(t *testing.T) {
	t.Parallel()
	list := instances(t, "mounted:\nrest:", mounted())
	if got := list[0].Path() + " " + list[1].Path(); got != "/here /webhooks/rest/webhook" {
		t.Errorf("paths %s", got)
	}
	if diff := cmp.Diff([]string{"mount"}, list[0].Capabilities()); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"nothing much"}, list[0].Missing()); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}
