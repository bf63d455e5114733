package channels

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// EventWebhook serves POST <prefix>/webhook for a platform that tells what has happened there,
// wants 2xx at once, and tells again what it got none for. What it tells is posted to the inbox,
// and answered by Send later. Its functions may be called concurrently.
type EventWebhook struct {
	// Verify checks who sends a request, by its headers and its body, which nobody has parsed
	// by then. Its error is that of WrongSignature.
	Verify func(h http.Header, body []byte) error
	// Take reads what a request tells. What is no message, or is not as the platform describes
	// it, is recorded by Env.Record and gives nothing: the platform would only tell it again.
	// An error is answered with its status. Ctx is that of the request.
	Take func(ctx context.Context, body []byte) (Told, error)
	// Routes serve further paths, such as "/set_webhook". They verify what they need.
	Routes map[string]http.HandlerFunc
}

// Told is what a request tells.
type Told struct {
	Incoming
	// Answer writes the answer of 2xx once everything is stored. Nil answers 200 without a body.
	Answer func(w http.ResponseWriter)
}

// Handler serves /webhook, with or without a slash behind it.
func (e EventWebhook) Handler(in Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimSuffix(r.URL.Path, "/")
		if route := e.Routes[path]; route != nil {
			route(w, r)
			return
		}
		if path != "/webhook" {
			WriteError(w, Errorf(CodeNotFound, "no such route: the platform posts to /webhook"))
			return
		}
		if !allowMethods(w, r, http.MethodPost) {
			return
		}
		told, err := e.take(r)
		if err == nil {
			err = told.Post(r.Context(), in)
		}
		switch {
		case err != nil:
			WriteError(w, err)
		case told.Answer != nil:
			told.Answer(w)
		}
	})
}

// take reads a request once it is verified.
func (e EventWebhook) take(r *http.Request) (Told, error) {
	body, err := ReadRaw(r)
	if err != nil {
		return Told{}, err
	}
	if err := e.Verify(r.Header, body); err != nil {
		return Told{}, err
	}
	return e.Take(r.Context(), body)
}

// HeaderSecret is the Verify of a platform that shows a secret in a header, which the key names.
func HeaderSecret(header, key string, secret Secret) func(http.Header, []byte) error {
	return func(h http.Header, _ []byte) error {
		if secret.Equal(h.Get(header)) {
			return nil
		}
		return WrongSignature(key, "the header "+header+" is missing or another: maybe something else has set the webhook")
	}
}

// allowMethods reports whether a request has one of the methods. Any other is answered with 405.
func allowMethods(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	WriteError(w, Errorf(CodeMethodNotAllowed, "method %s: expected %s", r.Method, strings.Join(methods, " or ")))
	return false
}
