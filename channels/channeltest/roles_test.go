package channeltest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// oldSender has a Send that no service would call.
type oldSender struct{ channel }

func (oldSender) Send(channels.Part) error { return nil }

// mounter mounts the patterns of its list.
type mounter struct {
	channel
	patterns []string
}

func (m mounter) Mount(channels.Inbox) (routes []channels.Route) {
	for _, p := range m.patterns {
		routes = append(routes, channels.Route{Pattern: p, Handler: http.NotFoundHandler()})
	}
	return routes
}

// closer closes as its function does.
type closer struct {
	channel
	close func(context.Context) error
}

func (c closer) Close(ctx context.Context) error { return c.close(ctx) }

// opener is a config that opens a channel of the test's.
type opener struct {
	fakeConfig
	open func(channel) channels.Channel
}

func (o *opener) Open(channels.Env) (channels.Channel, error) {
	return o.open(channel{&o.fakeConfig}), nil
}

func TestContractFailsByRoles(t *testing.T) {
	t.Parallel()
	const shapes, routes = "has the methods of its roles as they should be", "mounts routes of its own"
	mounting := func(patterns ...string) func(channel) channels.Channel {
		return func(c channel) channels.Channel { return mounter{c, patterns} }
	}
	hung := make(chan struct{})
	t.Cleanup(func() { close(hung) })
	closing := func(f func(context.Context) error) func(channel) channels.Channel {
		return func(c channel) channels.Channel { return closer{c, f} }
	}
	for _, c := range []struct {
		name string
		open func(channel) channels.Channel
		want []string
	}{
		{"a Close that ends", closing(func(context.Context) error { return nil }), nil},
		{"a Close that fails", closing(func(context.Context) error { return errors.New("still busy") }), []string{"closes"}},
		{"a Close that hangs", closing(func(context.Context) error { <-hung; return nil }), []string{"closes"}},
		{"a Send of another shape", func(c channel) channels.Channel { return oldSender{c} }, []string{shapes}},
		{"routes", mounting("/a", "POST /b/{x}"), nil},
		{"no routes", mounting(), []string{routes}},
		{"no pattern", mounting("/{"), []string{routes}},
		{"one route twice", mounting("/a", "/a"), []string{routes}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			typ := channels.Type{Name: "fake", New: func() channels.Config { return &opener{open: c.open} }}
			if diff := cmp.Diff(c.want, channeltest.Failed(typ, good())); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	_ channels.Mounter = mounter{}
	_ channels.Closer  = closer{}
)
