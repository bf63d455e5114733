package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// shown are the tokens that a caller shows. A proxy may put its own into the header.
type shown struct{ header, query string }

type shownKey struct{}

// TakeToken moves the caller's token, from "Authorization: Bearer" and Rasa's
// ?token=, into the request's context. The query loses it, so that nobody can log
// it with the URL.
func TakeToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens := shown{header: bearer(r)}
		if rest, token, found := cutToken(r.URL.RawQuery); found {
			tokens.query = token
			r = withQuery(r, rest)
		}
		if tokens != (shown{}) {
			r = r.WithContext(context.WithValue(r.Context(), shownKey{}, tokens))
		}
		next.ServeHTTP(w, r)
	})
}

// WithToken returns the context of a caller who shows a token in another way.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, shownKey{}, shown{header: token})
}

// check returns nil when one of the tokens that TakeToken found, or that WithToken was
// given, is one of the secrets; otherwise what to say.
func check(ctx context.Context, missing, wrong string, secrets ...channels.Secret) error {
	tokens, _ := ctx.Value(shownKey{}).(shown)
	for _, s := range secrets {
		if s.Equal(tokens.header) || s.Equal(tokens.query) {
			return nil
		}
	}
	problem := wrong
	if tokens == (shown{}) {
		problem = missing
	}
	return channels.Errorf(channels.CodeUnauthenticated, "%s: send it as \"Authorization: Bearer <token>\"", problem)
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
