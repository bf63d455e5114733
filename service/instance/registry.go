package instance

import (
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// Registry knows the instances in use by their names.
type Registry struct {
	list   []*Instance
	byName map[string]*Instance
}

// NewRegistry returns the registry of some instances.
func NewRegistry(list []*Instance) *Registry {
	r := &Registry{list: list, byName: map[string]*Instance{}}
	for _, in := range list {
		r.byName[in.Name] = in
	}
	return r
}

// All returns the instances in the order of credentials.yml.
func (r *Registry) All() []*Instance { return r.list }

// Senders returns the names of those that can send.
func (r *Registry) Senders() (names []string) {
	for _, in := range r.list {
		if in.Sends() {
			names = append(names, in.Name)
		}
	}
	return names
}

// Find returns the instance of a name. Its error is the caller's: it names the channel
// that was probably meant.
func (r *Registry) Find(name string) (*Instance, error) {
	if in, ok := r.byName[name]; ok {
		return in, nil
	}
	var names []string
	for _, in := range r.list {
		names = append(names, in.Name)
	}
	hint := ""
	if near := config.Nearest(name, names); near != "" {
		hint = "; did you mean " + near + "?"
	} else if len(names) > 0 {
		slices.Sort(names)
		hint = "; there are: " + strings.Join(names, ", ")
	}
	return nil, channels.Errorf(channels.CodeNotFound, "no channel %q in credentials.yml%s", Shorten(name), hint)
}
