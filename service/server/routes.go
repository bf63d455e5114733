package server

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/rs/cors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// routes makes the handler of a Config.
type routes struct {
	Config
	origins *cors.Cors
	chat    *chat // nil without a page
}

// newRoutes makes them.
func newRoutes(c Config) routes {
	s := routes{Config: c, origins: newOrigins(c.CORS)}
	if c.Chat != nil {
		s.chat = newChat(c.Chat, c.CORS)
		s.chat.show(&c.ChatSettings)
	}
	return s
}

// openAPIPattern is where the routes are described.
const openAPIPattern = "GET /openapi.json"

// gzipped compresses what a handler answers for those who take it.
func gzipped(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(compress(w, r), r) })
}

// own returns the service's own routes that are the same whatever the channels: all but the
// webhooks, and the answer to what is served by nobody. Those of the chat page are the
// service's also where there is no page.
func (s routes) own() []channels.Route {
	page, toPage := s.chatPage()
	list := []channels.Route{
		{Pattern: "GET /healthz", Handler: http.HandlerFunc(alive)},
		{Pattern: "GET /readyz", Handler: http.HandlerFunc(s.ready)},
		{Pattern: "GET /metrics", Handler: s.metrics()},
		{Pattern: "/agents/{name}/messages", Handler: s.limitBodies(s.AgentMessages)},
		{Pattern: chatPath, Handler: page},
		{Pattern: "GET " + strings.TrimSuffix(chatPath, "/"), Handler: toPage},
		{Pattern: "GET /{$}", Handler: http.HandlerFunc(s.hello)},
	}
	if s.OpenAPI != nil {
		list = append(list, channels.Route{Pattern: openAPIPattern, Handler: gzipped(s.OpenAPI)})
	}
	for _, path := range slices.Sorted(maps.Keys(s.RPC)) {
		list = append(list, channels.Route{Pattern: path, Handler: s.RPC[path]})
	}
	return list
}

// chatPage returns the handlers of the page, and of its path without the slash.
func (s routes) chatPage() (page, toPage http.Handler) {
	if s.chat == nil {
		return http.HandlerFunc(notFound), http.HandlerFunc(notFound)
	}
	return s.chat, http.HandlerFunc(toChat)
}

// CheckRoutes reports each route of a channel that is no pattern of net/http, or that the
// service or another channel serves too, in the order of the list. Of c it needs RPC alone.
func CheckRoutes(c Config, list []*instance.Config) error {
	taken := []owned{
		{pattern: newPattern(instance.WebhooksPath), by: ourselves},
		{pattern: newPattern(openAPIPattern), by: ourselves}, // of c it is not known
	}
	for _, r := range (routes{Config: c}).own() {
		taken = append(taken, owned{pattern: newPattern(r.Pattern), by: ourselves})
	}
	var errs []error
	for _, in := range list {
		mux, before := http.NewServeMux(), taken
		for _, r := range in.Routes() {
			err := register(mux, r)
			if err == nil {
				p := owned{pattern: newPattern(r.Pattern), by: "channel " + in.Name}
				err = p.collision(before)
				taken = append(taken, p)
			}
			if err != nil {
				errs = append(errs, in.Wrap(err))
			}
		}
	}
	return errors.Join(errs...)
}

// ourselves is who serves the service's own routes.
const ourselves = "Manyvox itself"

// owned is a pattern and who serves it.
type owned struct {
	pattern
	by string
}

// collision reports the first of the others that serves what p does.
func (p owned) collision(others []owned) error {
	i := slices.IndexFunc(others, func(o owned) bool { return o.overlaps(p.pattern) })
	if i < 0 {
		return nil
	}
	return fmt.Errorf("the route %q is not free: %s serves %q; choose another", p.text, others[i].by, others[i].text)
}

// register adds a route to a mux. What net/http panics with becomes the error.
func register(mux *http.ServeMux, r channels.Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the route %q cannot be served: %v", r.Pattern, p)
		}
	}()
	mux.Handle(r.Pattern, r.Handler)
	return nil
}
