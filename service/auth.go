package service

import (
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
		if strings.Contains(r.URL.RawQuery, "token=") {
			query := r.URL.Query()
			if token == "" {
				token = query.Get("token")
			}
			r = withoutToken(r, query)
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

func withoutToken(r *http.Request, query url.Values) *http.Request {
	query.Del("token")
	u := *r.URL
	u.RawQuery = query.Encode()
	clean := *r
	clean.URL = &u
	clean.RequestURI = u.RequestURI()
	return &clean
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
