package server

import (
	"net/http"
	"path"
	"strings"

	"github.com/manyvox/manyvox/service/instance"
)

// exactPaths answers 404 to a path that is not written as a route is, such as
// "//webhooks/rest/webhook". The mux would send the client elsewhere, and a client that
// follows asks again without its body, or leaves the token behind.
func exactPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isExact(r.URL.Path) || hidesSlash(r.URL.RawPath) {
			notFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isExact reports whether a path is clean, but for a slash at its end.
func isExact(p string) bool {
	clean := path.Clean(p)
	return strings.HasPrefix(p, "/") && (p == clean || len(p) == len(clean)+1 && p[len(clean)] == '/')
}

// hidesSlash reports whether the path of a webhook, as it was sent, has an escaped slash:
// no channel's name holds one.
func hidesSlash(raw string) bool {
	return strings.HasPrefix(raw, instance.WebhooksPath) && strings.Contains(strings.ToLower(raw), "%2f")
}
