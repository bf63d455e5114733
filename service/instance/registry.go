package instance

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// Registry knows the instances in use by their names. Its methods may be called
// concurrently. The zero value knows none.
type Registry struct {
	table atomic.Pointer[table]
}

// table is what a registry knows until it is replaced.
type table struct {
	list   []*Instance
	byName map[string]*Instance
}

// NewRegistry returns the registry of some instances.
func NewRegistry(list []*Instance) *Registry {
	r := &Registry{}
	r.Replace(list)
	return r
}

// Replace puts other instances in the place of those in use.
func (r *Registry) Replace(list []*Instance) {
	t := &table{list: list, byName: map[string]*Instance{}}
	for _, in := range list {
		t.byName[in.Name] = in
	}
	r.table.Store(t)
}

// load returns the table in use.
func (r *Registry) load() *table {
	if t := r.table.Load(); t != nil {
		return t
	}
	return &table{}
}

// All returns the instances in the order of credentials.yml.
func (r *Registry) All() []*Instance { return r.load().list }

// Senders returns the names of those that can send.
func (r *Registry) Senders() (names []string) {
	for _, in := range r.All() {
		if in.Sends() {
			names = append(names, in.Name)
		}
	}
	return names
}

// Enter finds the instance of a name and enters it, so that its channel is not closed before
// Leave. Its error is that of Find.
func (r *Registry) Enter(name string) (*Instance, error) {
	for {
		in, err := r.Find(name)
		if err != nil || in.Enter() {
			return in, err
		}
	}
}

// Find returns the instance of a name. Its error is the caller's: it names the channel
// that was probably meant.
func (r *Registry) Find(name string) (*Instance, error) {
	t := r.load()
	if in, ok := t.byName[name]; ok {
		return in, nil
	}
	var names []string
	for _, in := range t.list {
		names = append(names, in.Name)
	}
	hint := ""
	if near := config.Nearest(name, names); near != "" {
		hint = "; did you mean " + near + "?"
	} else if len(names) > 0 {
		slices.Sort(names)
		hint = "; there are: " + strings.Join(names, ", ")
	}
	return nil, channels.Errorf(channels.CodeNotFound, "no channel %q in credentials.yml%s", Shorten(name), hint).
		Because(channels.ReasonChannelNotFound)
}
