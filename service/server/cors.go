package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"

	"github.com/manyvox/manyvox/channels"
)

// newOrigins returns what knows the origins whose pages may call. "*" never comes with
// cookies or other ambient credentials.
func newOrigins(allowed []string) *cors.Cors {
	return cors.New(cors.Options{
		AllowedOrigins:   allowed,
		AllowedMethods:   connectcors.AllowedMethods(),
		AllowedHeaders:   []string{"*"}, // tracing and other tools of a page add theirs
		ExposedHeaders:   append(connectcors.ExposedHeaders(), "Retry-After"),
		AllowCredentials: !slices.Contains(allowed, "*"),
		MaxAge:           7200, // seconds; Chromium takes no more

		OptionsSuccessStatus: http.StatusOK, // as Rasa
	})
}

// crossOrigin lets pages of the configured origins call.
func (s routes) crossOrigin(next http.Handler) http.Handler {
	if len(s.CORS) == 0 { // the library would take that for all
		return next
	}
	return s.origins.Handler(next)
}

// guardOrigin refuses pages of other origins than this server's own and those of --cors.
// A request without an origin comes from no page.
func (s routes) guardOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || sameHost(origin, r.Host) || len(s.CORS) > 0 && s.origins.OriginAllowed(r) {
			next.ServeHTTP(w, r)
			return
		}
		channels.WriteError(w, channels.Errorf(channels.CodePermissionDenied, "pages of this origin may not call: add it to --cors"))
	})
}

// sameHost compares hosts alone: behind a proxy that ends TLS nothing else is known.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}
