package auth

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
)

type tokenKey struct{}

// TakeToken moves the caller's token, from "Authorization: Bearer" or Rasa's
// ?token=, into the request's context. The query loses it, so that nobody can log
// it with the URL.
func TakeToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := bearer(r)
		if rest, inQuery, found := cutToken(r.URL.RawQuery); found {
			token = cmp.Or(token, inQuery)
			r = withQuery(r, rest)
		}
		if token != "" {
			r = r.WithContext(WithToken(r.Context(), token))
		}
		next.ServeHTTP(w, r)
	})
}

// WithToken returns the context of a caller who shows a token in another way.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

// tokenOf returns what TakeToken found, or WithToken was given.
func tokenOf(ctx context.Context) string {
	token, _ := ctx.Value(tokenKey{}).(string)
	return token
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// cutToken takes the values of "token" out of a query and leaves the rest to the
// letter: a platform may have signed it.
func cutToken(query string) (rest, token string, found bool) {
	if !strings.Contains(query, "token") {
		return query, "", false
	}
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err != nil || name != "token" {
			kept = append(kept, pair)
			continue
		}
		if value, err := url.QueryUnescape(value); err == nil && !found {
			token = value
		}
		found = true
	}
	return strings.Join(kept, "&"), token, found
}

// withQuery returns the request with another query. RequestURI is what access logs
// print, so it changes too.
func withQuery(r *http.Request, query string) *http.Request {
	u := *r.URL
	u.RawQuery = query
	changed := *r
	changed.URL = &u
	changed.RequestURI = u.RequestURI()
	return &changed
}
