package service

import (
	"net/http"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

const webhooksPath = "/webhooks/"

// webhooks serves /webhooks/<name> of every channel: its health route, and below it
// the channel's own handler.
func (s *Service) webhooks() http.Handler {
	mounted := map[string]http.Handler{}
	for _, in := range s.instances {
		mounted[in.Name] = s.mount(in)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, webhooksPath), "/")
		h, ok := mounted[name]
		if !ok {
			channels.WriteError(w, s.unknownChannel(name))
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (s *Service) mount(in *Instance) http.Handler {
	prefix := webhooksPath + in.Name
	inbound := in.Channel.Inbound(door{s: s, in: in})
	if inbound == nil {
		inbound = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "channel %s has no webhook", in.Name))
		})
	}
	inbound = http.StripPrefix(prefix, inbound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == prefix || r.URL.Path == prefix+"/" {
			health(w, r)
			return
		}
		// The door asks again; here it is asked before a stranger's bytes are parsed.
		if err := s.authorize(r.Context(), in); err != nil {
			channels.WriteError(w, in.counters.refuse(err, 1))
			return
		}
		r, err := s.limitBody(w, r)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		inbound.ServeHTTP(compress(w, r), r)
	})
}

// health answers as Rasa's channels do.
func health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: this route tells the channel's health", r.Method))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}`)) // a caller that is gone needs no answer
}

func (s *Service) unknownChannel(name string) error {
	names := namesOf(s.instances, instanceName)
	hint := ""
	if near := config.Nearest(name, names); near != "" {
		hint = "; did you mean " + near + "?"
	} else if len(names) > 0 {
		slices.Sort(names)
		hint = "; there are: " + strings.Join(names, ", ")
	}
	return channels.Errorf(channels.CodeNotFound, "no channel %q in credentials.yml%s", name, hint)
}
