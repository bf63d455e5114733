package server

import (
	"net/http"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
)

// Port is the handler of everything on the one port. The channels that it serves can be
// replaced: each request is served by those that are in use when it comes.
type Port struct {
	routes
	fixed   []channels.Route
	current atomic.Pointer[http.ServeMux]
	outside http.Handler
}

// NewPort returns the port. It answers nothing before Serve.
func NewPort(c Config) *Port {
	p := &Port{routes: newRoutes(c)}
	p.fixed = p.own()
	p.outside = deadlines(p.crossOrigin(options(auth.TakeToken(exactPaths(takeHops(trailersOnly(http.HandlerFunc(p.dispatch))))))))
	return p
}

// Serve has the port serve these channels, and no others, from now on. They are mounted, and
// CheckRoutes has nothing against them. A request that is under way goes on.
func (p *Port) Serve(list []*instance.Instance) {
	mux := http.NewServeMux()
	for _, r := range p.fixed {
		mux.Handle(r.Pattern, r.Handler)
	}
	mux.HandleFunc("/", notFound)
	mux.Handle(instance.WebhooksPath, p.webhooks(list))
	p.mountAll(mux, list)
	p.current.Store(mux)
}

// ShowChat has the chat page show these settings from now on.
func (p *Port) ShowChat(s *instance.ChatSettings) {
	if p.chat != nil {
		p.chat.show(s)
	}
}

// ServeHTTP serves a request.
func (p *Port) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.outside.ServeHTTP(w, r) }

// dispatch has the mux in use serve a request.
func (p *Port) dispatch(w http.ResponseWriter, r *http.Request) { p.current.Load().ServeHTTP(w, r) }

// entering serves a channel's requests. One that comes just as the channel is replaced is
// served by what has come in its place.
func (p *Port) entering(in *instance.Instance, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !in.Enter() {
			p.dispatch(w, r)
			return
		}
		defer in.Leave()
		h.ServeHTTP(w, r)
	})
}

var _ http.Handler = (*Port)(nil)
