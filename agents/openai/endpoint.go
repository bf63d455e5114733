package openai

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/manyvox/manyvox/channels"
)

// Endpoint is where an API is and what opens it.
type Endpoint struct {
	// BaseURL is the address in front of /chat/completions.
	BaseURL string `yaml:"base_url"`
	// APIKey is sent as a bearer token. Default none.
	APIKey channels.Secret `yaml:"api_key"`
	// Headers are added to every request.
	Headers map[string]channels.Secret `yaml:"headers"`
	// Query is added to the address of every request.
	Query map[string]channels.Secret `yaml:"query"`
}

// validateEndpoint names every key that cannot be used. It quotes no value, which may be a secret.
func (e *Endpoint) validateEndpoint() error {
	errs := []error{e.validateURL()}
	if !httpguts.ValidHeaderFieldValue(e.APIKey.Reveal()) {
		errs = append(errs, errors.New("api_key: expected one line of text"))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		errs = append(errs, e.validateHeader(name))
	}
	return errors.Join(errs...)
}

func (e *Endpoint) validateURL() error {
	const expected = "base_url: expected an address such as https://api.openai.com/v1"
	u, err := url.Parse(e.BaseURL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New(expected)
	case u.User != nil:
		return errors.New("base_url: expected no user and password: write an Authorization header under headers")
	case strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/chat/completions"):
		return errors.New("base_url: expected the address in front of /chat/completions, which is added")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("base_url: expected nothing after the path: write what follows ? under query")
	}
	return nil
}

// validateHeader refuses the headers that frame the request, of which net/http would silently
// ignore some, and those that let it repeat a POST by itself.
func (e *Endpoint) validateHeader(name string) error {
	lower := strings.ToLower(name)
	switch lower {
	case "host", "content-type", "content-length", "transfer-encoding", "connection", "trailer", "te", "upgrade",
		"accept", "accept-encoding", "idempotency-key", "x-idempotency-key", "manyvox-hops", "manyvox-attempt":
		return fmt.Errorf("headers.%s: set by Manyvox", name)
	}
	switch {
	case lower == "authorization" && e.APIKey != "":
		return fmt.Errorf("headers.%s: expected one of this and api_key", name)
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("headers: %q is not the name of a header", name)
	case !httpguts.ValidHeaderFieldValue(e.Headers[name].Reveal()):
		return fmt.Errorf("headers.%s: expected one line of text", name)
	}
	return nil
}

// address returns where a route is. It may hold secrets.
func (e *Endpoint) address(route ...string) string {
	u, _ := url.Parse(e.BaseURL) // validate has done it
	u = u.JoinPath(route...)
	query := url.Values{}
	for name, value := range e.Query {
		query.Set(name, value.Reveal())
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// setHeaders adds what every request has.
func (e *Endpoint) setHeaders(h http.Header) {
	h.Set("User-Agent", "manyvox")
	if e.APIKey != "" {
		h.Set("Authorization", "Bearer "+e.APIKey.Reveal())
	}
	for name, value := range e.Headers {
		h.Set(name, value.Reveal())
	}
}

// secrets returns what a text may not show, in the forms in which it may stand there.
func (e *Endpoint) secrets() (forms []string) {
	hide := func(s channels.Secret) {
		if s != "" { // an empty one would be found everywhere
			forms = append(forms, s.Reveal(), url.QueryEscape(s.Reveal()))
		}
	}
	hide(e.APIKey)
	for _, value := range e.Headers {
		hide(value)
	}
	for _, value := range e.Query {
		hide(value)
	}
	return forms
}

// hiding returns what replaces the secrets in a text. Of two that begin alike the longer one
// comes first.
func hiding(secrets []string) *strings.Replacer {
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, s := range secrets {
		pairs = append(pairs, s, channels.Secret(s).String())
	}
	return strings.NewReplacer(pairs...)
}
