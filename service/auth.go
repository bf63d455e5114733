package service

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

type tokenKey struct{}

// takeToken moves the caller's token, from "Authorization: Bearer" or Rasa's
// ?token=, into the request's context. The query loses it, so that nobody can log
// it with the URL.
func takeToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := bearer(r)
		if rest, inQuery, found := cutToken(r.URL.RawQuery); found {
			token = cmp.Or(token, inQuery)
			r = withQuery(r, rest)
		}
		if token != "" {
			r = r.WithContext(context.WithValue(r.Context(), tokenKey{}, token))
		}
		next.ServeHTTP(w, r)
	})
}

// tokenOf returns what takeToken found.
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

func withQuery(r *http.Request, query string) *http.Request {
	u := *r.URL
	u.RawQuery = query
	changed := *r
	changed.URL = &u
	changed.RequestURI = u.RequestURI()
	return &changed
}

// authorize asks a guarded channel's own token or the program's. The program's
// alone guards the channels that are open to RPC, on every route: the others check
// what their platform signs.
func (s *Service) authorize(ctx context.Context, in *Instance) error {
	if in.token == "" && (s.authToken == "" || !in.Type.RPC) {
		return nil
	}
	token := tokenOf(ctx)
	if in.token.Equal(token) || s.authToken.Equal(token) {
		return nil
	}
	problem := "the token is wrong"
	if token == "" {
		problem = "a token is needed"
	}
	return channels.Errorf(channels.CodeUnauthenticated,
		"channel %s: %s: send it as \"Authorization: Bearer <token>\"", in.Name, problem)
}
