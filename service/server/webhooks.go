package server

import (
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// webhooks serves /webhooks/<name> of these channels: their health routes, and below them
// the channels' own handlers.
func (p *Port) webhooks(list []*instance.Instance) http.Handler {
	handlers, known := map[string]http.Handler{}, instance.NewRegistry(list)
	for _, in := range list {
		handlers[in.Name] = p.entering(in, recorded(in, instance.WebhooksPath+in.Name, p.webhook(in)))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, instance.WebhooksPath), "/")
		switch _, err := known.Find(name); {
		case err != nil:
			channels.WriteError(w, err)
			return
		case r.URL.RawPath != "" && !strings.HasPrefix(r.URL.RawPath, instance.WebhooksPath+name):
			noRoute(w, r) // escapes hide the prefix that is stripped below
			return
		}
		handlers[name].ServeHTTP(w, r)
	})
}

// mediaPath is where the media of a channel are, below its webhooks.
const mediaPath = "/media"

// webhook serves everything below /webhooks/<name> of one channel.
func (s routes) webhook(in *instance.Instance) http.Handler {
	prefix := instance.WebhooksPath + in.Name
	inbound := in.Webhook()
	if inbound == nil {
		inbound = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "channel %s has no webhook", in.Name))
		})
	}
	inbound = http.StripPrefix(prefix, inbound)
	media, uploads := prefix+mediaPath, s.Uploads(in)
	reads := http.StripPrefix(media+"/", s.Media(in))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isHealth(strings.TrimPrefix(r.URL.Path, prefix)) {
			health(w, r)
			return
		}
		path := strings.TrimSuffix(r.URL.Path, "/")
		if strings.HasPrefix(path, media+"/") {
			reads.ServeHTTP(w, r)
			return
		}
		// The door asks again; here it is asked before a stranger's bytes are parsed.
		if err := s.Guard.Channel(r.Context(), in); err != nil {
			channels.WriteError(w, in.Metrics.Refused(err, 1))
			return
		}
		next, limit := inbound, s.MaxBody
		if path == media {
			next, limit = uploads, channels.MaxUpload
		}
		r, err := limitBody(w, r, limit)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		next.ServeHTTP(compress(w, r), r)
	})
}

// isHealth reports whether a path below the webhooks of a channel is the health route.
func isHealth(path string) bool { return path == "" || path == "/" }

// isRead reports whether the request only reads.
func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// health answers as Rasa's channels do.
func health(w http.ResponseWriter, r *http.Request) {
	if !isRead(r) {
		w.Header().Set("Allow", "GET, HEAD")
		channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: this route tells the channel's health", r.Method))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}`)) // a caller that is gone needs no answer
}
