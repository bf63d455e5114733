package setup

import (
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
)

// ownPaths are the first segments of paths that are the service's own.
var ownPaths = []string{"webhooks", "healthz", "readyz", "metrics", "manyvox.v1.ChannelService", "grpc.health.v1.Health"}

// checkMount refuses a path that the service, or another channel, serves already.
func checkMount(file *config.Block, name string, in *instance.Config, others []*instance.Config) error {
	m, ok := in.Channel.(channels.Mounter)
	if !ok {
		return nil
	}
	path, _ := m.Mount(nil)
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !strings.HasPrefix(path, "/") || first == "" || slices.Contains(ownPaths, first) {
		return file.Errorf(name, "channel %s: the path %q is not free: choose another", in.Name, path)
	}
	for _, other := range others {
		if _, ok := other.Channel.(channels.Mounter); ok && other.Path() == path {
			return file.Errorf(name, "channel %s: the path %q is that of channel %s: choose another", in.Name, path, other.Name)
		}
	}
	return nil
}
