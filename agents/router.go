package agents

import (
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// Router says which agent answers a message. The zero value names no agent.
type Router struct {
	// Routes are looked at in order: the first that matches decides.
	Routes []Route
	// OfChannel has the agents of channels whose own block names one. They answer what no
	// route matches.
	OfChannel map[string]string
	// Default answers the rest.
	Default string
}

// Route names the agent of the messages that it matches. What it leaves out matches all.
type Route struct {
	Channel, InputChannel string
	// Metadata are values that stand at the top of a message's metadata: texts, numbers,
	// booleans or null.
	Metadata map[string]any
	Agent    string
}

// Route returns the name of the agent that answers a message. It is pure: the same message
// has the same agent until a reload.
func (r *Router) Route(m *channels.Message) string {
	metadata := lazyMetadata{raw: m.Metadata}
	for i := range r.Routes {
		if r.Routes[i].matches(m, &metadata) {
			return r.Routes[i].Agent
		}
	}
	if name, ok := r.OfChannel[m.Channel]; ok {
		return name
	}
	return r.Default
}

func (r *Route) matches(m *channels.Message, metadata *lazyMetadata) bool {
	switch {
	case r.Channel != "" && r.Channel != m.Channel, r.InputChannel != "" && r.InputChannel != m.InputChannel:
		return false
	}
	for key, want := range r.Metadata {
		if got, ok := metadata.value(key); !ok || got != want {
			return false
		}
	}
	return true
}

// Covers reports whether a route matches all that another one matches. Behind it the other
// would never be used.
func (r *Route) Covers(other *Route) bool {
	switch {
	case r.Channel != "" && r.Channel != other.Channel, r.InputChannel != "" && r.InputChannel != other.InputChannel:
		return false
	}
	for key, want := range r.Metadata {
		if got, ok := other.Metadata[key]; !ok || got != want {
			return false
		}
	}
	return true
}

// lazyMetadata decodes the metadata of a message when a route first asks for a value.
type lazyMetadata struct {
	raw     json.RawMessage
	values  map[string]json.RawMessage
	decoded bool
}

// value returns a text, a number, a boolean or null; ok is false for anything else, and where
// there is no such key.
func (l *lazyMetadata) value(key string) (value any, ok bool) {
	if !l.decoded {
		l.decoded = true
		_ = json.Unmarshal(l.raw, &l.values) // what is no object has no keys
	}
	raw, ok := l.values[key]
	if !ok {
		return nil, false
	}
	return MetadataValue(raw)
}

// MetadataValue returns the JSON of a text, a number, a boolean or null as a value that can be
// compared; ok is false for anything else.
func MetadataValue(raw json.RawMessage) (value any, ok bool) {
	if json.Unmarshal(raw, &value) != nil {
		return nil, false
	}
	switch value.(type) {
	case map[string]any, []any:
		return nil, false
	}
	return value, true
}
