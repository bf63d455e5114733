package setup_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/setup"
)

// mounted is a type whose channels have a path of their own.
func mounted() channels.Type {
	return channels.Type{Name: "mounted", New: func() channels.Config { return &mountedChannel{Path: "/here"} }}
}

type mountedChannel struct {
	Path string `yaml:"path"`
}

func (*mountedChannel) Validate() error { return nil }

func (c *mountedChannel) Open(channels.Env) (channels.Channel, error) { return c, nil }

func (*mountedChannel) Inbound(channels.Inbox) http.Handler { return nil }

func (c *mountedChannel) Mount(channels.Inbox) (string, http.Handler) {
	return c.Path, http.NotFoundHandler()
}

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

var _ channels.Mounter = (*mountedChannel)(nil)
