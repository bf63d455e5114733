package server

import (
	"net/http"

	"github.com/manyvox/manyvox/channels"
)

// mountAll serves the channels that have routes of their own. Their clients are pages as
// often as programs, and a page can open a WebSocket to any place, so its origin is
// checked first: that is the only thing a stranger's page can't choose.
func (s routes) mountAll(mux *http.ServeMux) {
	for _, in := range s.Channels.All() {
		for _, r := range in.Routes() {
			mux.Handle(r.Pattern, s.guardOrigin(s.limitBodies(r.Handler)))
		}
	}
}

// limitBodies limits the body before the channel sees it.
func (s routes) limitBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := s.limitBody(w, r)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
