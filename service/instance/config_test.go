package instance_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

// mountedChannel has a path of its own.
type mountedChannel struct{}

func (mountedChannel) Inbound(channels.Inbox) http.Handler { return nil }

func (mountedChannel) Missing() []string { return []string{"nothing much"} }

func (mountedChannel) Mount(channels.Inbox) []channels.Route {
	return []channels.Route{{Pattern: "POST example.com/here", Handler: http.NotFoundHandler()}}
}

func TestConfigOfAMountedChannel(t *testing.T) {
	t.Parallel()
	mounted := instance.Config{Name: "mounted", Channel: mountedChannel{}}
	rest := instance.Config{Name: "rest", Channel: channels.Webhook{}}
	mount(t, &mounted)
	mount(t, &rest)
	if got := mounted.Path() + " " + rest.Path(); got != "/here /webhooks/rest/webhook" {
		t.Errorf("paths %s", got)
	}
	if diff := cmp.Diff([]string{"mount"}, mounted.Capabilities()); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"nothing much"}, mounted.Missing()); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

// limitedChannel has limits.
type limitedChannel struct{ *servicetest.FakeChannel }

func (limitedChannel) Limits() channels.Limits { return channels.Limits{} }

func TestConfigShowsLimits(t *testing.T) {
	t.Parallel()
	c := instance.Config{Name: "chat", Channel: limitedChannel{new(servicetest.FakePlatform).Channel("chat")}}
	mount(t, &c)
	got := c.Capabilities()
	if want := []string{"limits", "receive", "send"}; !slices.Equal(got, want) {
		t.Errorf("capabilities %q, want %q", got, want)
	}
}

// closingChannel can be closed.
type closingChannel struct{ mountedChannel }

func (closingChannel) Close(context.Context) error { return nil }

func TestConfigShowsClose(t *testing.T) {
	t.Parallel()
	c := instance.Config{Name: "chat", Channel: closingChannel{}}
	mount(t, &c)
	if got, want := c.Capabilities(), []string{"close", "mount"}; !slices.Equal(got, want) {
		t.Errorf("capabilities %q, want %q", got, want)
	}
}

// signingChannel counts by a key of its own, and may check signatures.
type signingChannel struct {
	mountedChannel
	signed bool
}

func (s signingChannel) Signed() bool { return s.signed }

func (signingChannel) RateKey(p channels.Part) string { return p.Sender }

// A channel that lacks the secret of its platform is not shown as signed.
func TestCapabilitiesOfASignedChannel(t *testing.T) {
	t.Parallel()
	for signed, want := range map[bool][]string{true: {"mount", "rate_key", "signed"}, false: {"mount", "rate_key"}} {
		c := instance.Config{Channel: signingChannel{signed: signed}}
		mount(t, &c)
		got := c.Capabilities()
		if !slices.Equal(got, want) {
			t.Errorf("signed %v: capabilities %q, want %q", signed, got, want)
		}
	}
}

// growingChannel shows replies while they grow, and that one is written.
type growingChannel struct {
	mountedChannel
	channels.Streamer
	channels.Typer
}

func TestCapabilitiesOfAGrowingChannel(t *testing.T) {
	t.Parallel()
	c := instance.Config{Channel: growingChannel{}}
	mount(t, &c)
	if got, want := c.Capabilities(), []string{"mount", "stream", "typing"}; !slices.Equal(got, want) {
		t.Errorf("capabilities %q, want %q", got, want)
	}
}

var (
	_ channels.Mounter    = mountedChannel{}
	_ channels.Incomplete = mountedChannel{}
	_ channels.Limited    = limitedChannel{}
)

// mount mounts a channel.
func mount(t *testing.T, c *instance.Config) {
	t.Helper()
	if err := c.Mount(); err != nil {
		t.Fatal(err)
	}
}
