package service_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// mounted is a type whose channels have routes of their own.
func mounted() channels.Type {
	return channels.Type{Name: "mounted", New: func() channels.Config { return &mountedChannel{Paths: []string{"/here"}} }}
}

type mountedChannel struct {
	Paths []string `yaml:"paths"`

	inbounds, mounts int
}

func (*mountedChannel) Validate() error { return nil }

func (c *mountedChannel) Open(channels.Env) (channels.Channel, error) { return c, nil }

func (c *mountedChannel) Inbound(channels.Inbox) http.Handler {
	c.inbounds++
	return nil
}

func (c *mountedChannel) Mount(channels.Inbox) (routes []channels.Route) {
	c.mounts++
	for _, path := range c.Paths {
		routes = append(routes, channels.Route{Pattern: path, Handler: http.NotFoundHandler()})
	}
	return routes
}

func TestRoutesMustBeFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, credentials, want string }{
		{"free", "mounted:", ""},
		{"several of one channel", "mounted: {paths: [/here, GET /here, '/here/{x}']}", ""},
		{"another method", "mounted: {paths: [GET /a]}\nother: {type: mounted, paths: [POST /a]}", ""},
		{
			"the page", "rest:\nmounted: {paths: [/chat]}",
			`credentials.yml:2: channel mounted: the route "/chat" is not free: Manyvox itself serves "/chat/"; choose another`,
		},
		{
			"the webhooks", "mounted: {paths: [/webhooks/rest/webhook]}",
			`credentials.yml:1: channel mounted: the route "/webhooks/rest/webhook" is not free: Manyvox itself serves "/webhooks/"; choose another`,
		},
		{
			"a probe", "mounted: {paths: [/healthz]}",
			`credentials.yml:1: channel mounted: the route "/healthz" is not free: Manyvox itself serves "GET /healthz"; choose another`,
		},
		{
			"a call of the typed API", "mounted: {paths: [/manyvox.v1.ChannelService/Receive]}",
			`credentials.yml:1: channel mounted: the route "/manyvox.v1.ChannelService/Receive" is not free: Manyvox itself serves "/manyvox.v1.ChannelService/Receive"; choose another`,
		},
		{
			"everything", "mounted: {paths: [/]}",
			`credentials.yml:1: channel mounted: the route "/" is not free: Manyvox itself serves "/webhooks/"; choose another`,
		},
		{
			"whatever comes", "mounted:\nother: {type: mounted, paths: [/there, '/{place}']}",
			`credentials.yml:2: channel other: the route "/{place}" is not free: Manyvox itself serves "/webhooks/"; choose another`,
		},
		{
			"another's", "mounted:\nother: {type: mounted, paths: [/there, 'POST /here/']}",
			`credentials.yml:2: channel other: the route "POST /here/" is not free: channel mounted serves "/here"; choose another`,
		},
		{
			"no pattern", "mounted: {paths: ['/{x']}",
			`credentials.yml:1: channel mounted: the route "/{x" cannot be served: parsing "/{x": at offset 1: bad wildcard segment (must end with '}')`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := service.CheckRoutes(servicetest.Channels(t, c.credentials, mounted())); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("error\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestOwnRoutesAreKept takes each route that the service answers, and has a channel ask for
// it: what is served and what is kept from channels cannot differ.
func TestOwnRoutesAreKept(t *testing.T) {
	t.Parallel()
	s := service.New(service.Config{
		Channels: servicetest.Channels(t, "rest:\n"), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), OperatorToken: "operator",
	})
	for _, path := range []string{
		"/", "/healthz", "/readyz", "/metrics", "/webhooks/rest", "/manyvox.v1.ChannelService/Health",
		"/manyvox.v1.ConversationService/GetStatus", "/grpc.health.v1.Health/Check", "/nowhere",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com"+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res := servicetest.Record(s.Handler(), req)
		body, _ := io.ReadAll(res.Body)
		served := !strings.Contains(string(body), "no route")
		list := servicetest.Channels(t, "mounted: {paths: ['"+path+"']}", mounted())
		if kept := service.CheckRoutes(list) != nil; kept != served {
			t.Errorf("%s: served %v, kept from channels %v", path, served, kept)
		}
	}
}

// A channel's handlers are made once, whoever asks what it can do.
func TestHandlersAreMadeOnce(t *testing.T) {
	t.Parallel()
	list := servicetest.Channels(t, "mounted:", mounted())
	if err := service.CheckRoutes(list); err != nil {
		t.Fatal(err)
	}
	s := service.New(service.Config{Channels: list, Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), OperatorToken: "operator"})
	for _, target := range []string{"/webhooks/mounted", "/here", "/manyvox.v1.ChannelService/Health?encoding=json&message={}"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com"+target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		servicetest.Record(s.Handler(), req)
	}
	_ = list[0].Capabilities()
	_ = list[0].Access(true)
	if c := list[0].Channel.(*mountedChannel); c.inbounds != 1 || c.mounts != 1 {
		t.Errorf("Inbound was called %d times and Mount %d times, each must be called once", c.inbounds, c.mounts)
	}
}

var _ channels.Mounter = (*mountedChannel)(nil)
