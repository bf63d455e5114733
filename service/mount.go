package service

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// mountAll serves the channels that have a path of their own. Their clients are pages as
// often as programs, and a page can open a WebSocket to any place, so its origin is
// asked first: that is the only thing a stranger's page can't choose.
func (s *Service) mountAll(mux *http.ServeMux, origins *cors.Cors) {
	for _, in := range s.instances {
		m, ok := in.Channel.(channels.Mounter)
		if !ok {
			continue
		}
		path, h := m.Mount(door{s: s, in: in})
		h = s.guardOrigin(origins, s.bounded(h))
		mux.Handle(path, h)
		mux.Handle(path+"/{$}", h)
	}
}

// guardOrigin refuses pages of other origins than this server's own and those of --cors.
// A request without an origin comes from no page.
func (s *Service) guardOrigin(origins *cors.Cors, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || sameHost(origin, r.Host) || len(s.cors) > 0 && origins.OriginAllowed(r) {
			next.ServeHTTP(w, r)
			return
		}
		channels.WriteError(w, channels.Errorf(channels.CodePermissionDenied, "pages of this origin may not call: add it to --cors"))
	})
}

// sameHost compares hosts alone: behind a proxy that ends TLS nothing else is known.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// bounded limits the body before the channel sees it.
func (s *Service) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := s.limitBody(w, r)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// taken are the first segments of paths that are the service's own.
var taken = []string{"webhooks", "healthz", "readyz", "metrics", "manyvox.v1.ChannelService", "grpc.health.v1.Health"}

// checkMount refuses a path that the service, or another channel, serves already.
func checkMount(file *config.Block, name string, in *Instance, others []*Instance) error {
	m, ok := in.Channel.(channels.Mounter)
	if !ok {
		return nil
	}
	path, _ := m.Mount(nil)
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !strings.HasPrefix(path, "/") || first == "" || slices.Contains(taken, first) {
		return file.Errorf(name, "channel %s: the path %q is not free: choose another", in.Name, path)
	}
	for _, other := range others {
		if _, ok := other.Channel.(channels.Mounter); ok && other.Path() == path {
			return file.Errorf(name, "channel %s: the path %q is that of channel %s: choose another", in.Name, path, other.Name)
		}
	}
	return nil
}
