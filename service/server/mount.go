package server

import (
	"net/http"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// mountAll serves the channels that have routes of their own. Their clients are pages as
// often as programs, and a page can open a WebSocket to any place, so its origin is
// checked first: that is the only thing a stranger's page can't choose.
func (p *Port) mountAll(mux *http.ServeMux, list []*instance.Instance) {
	for _, in := range list {
		for _, r := range in.Routes() {
			mux.Handle(r.Pattern, p.entering(in, recorded(in, "", p.guardOrigin(p.limitBodies(r.Handler)))))
		}
	}
}

// limitBodies limits the body before the channel sees it.
func (s routes) limitBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := limitBody(w, r, s.MaxBody)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
