package server

import (
	"net/http"

	"github.com/manyvox/manyvox/service/instance"
)

// takeHops moves the header Manyvox-Hops into the request's context.
func takeHops(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hops := r.Header.Get("Manyvox-Hops"); hops != "" {
			r = r.WithContext(instance.WithHops(r.Context(), hops))
		}
		next.ServeHTTP(w, r)
	})
}
