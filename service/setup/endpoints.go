package setup

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Endpoints is what endpoints.yml asks for.
type Endpoints struct {
	Agent agents.Agent
	// AgentType is the agent's name for people.
	AgentType string
	// AgentTimeout bounds a turn.
	AgentTimeout time.Duration
	// AgentRepeat says when a stored message is run again.
	AgentRepeat agents.Repeat
	Limits      instance.Limits
	// Store opens the journal. StoreType is its name for people.
	Store     journal.Config
	StoreType string
	// Retention is how long events are kept, as journal.Env has it.
	Retention time.Duration
	// DeadLetterRetention is how long dead letters are kept.
	DeadLetterRetention time.Duration
	// Notes tell what was passed over and why.
	Notes []string
	// Warnings are about what works and is probably not meant.
	Warnings []string

	config agents.Config
}

// endpointKeys are ours.
var endpointKeys = []string{"agent", "store", "limits"}

// rasaEndpoints are the keys of Rasa's endpoints.yml.
var rasaEndpoints = []string{
	"nlg", "nlu", "action_endpoint", "models", "tracker_store", "lock_store", "event_broker",
	// Those of Rasa Pro.
	"metrics", "model_groups", "secrets_manager", "silence_handling", "tracing", "vector_store",
}

// rasaAgent is what to paste into Rasa's own file.
const rasaAgent = `
agent:
  type: rasa
  url: http://localhost:5006  # where "rasa run" listens; both default to port 5005`

var errNoAgent = errors.New(`no "agent:": this is Rasa's own file. Add who answers, for example` + rasaAgent)

// LoadEndpoints reads a parsed endpoints.yml.
func LoadEndpoints(file *config.Block, types []agents.Type, stores []journal.Type, log *slog.Logger) (*Endpoints, error) {
	e := &Endpoints{Limits: instance.DefaultLimits()}
	var errs []error
	for _, key := range file.Keys() {
		switch {
		case slices.Contains(endpointKeys, key):
		case slices.Contains(rasaEndpoints, key):
			e.Notes = append(e.Notes, fmt.Sprintf("%s: %s: ignored: it is for the Rasa server", file.At(key), key))
		default:
			errs = append(errs, unknownEndpoint(file, key))
		}
	}
	errs = append(errs, e.loadLimits(file), e.loadStore(file, stores), e.loadAgent(file, types, log))
	return e, errors.Join(errs...)
}

// unknownEndpoint suggests Rasa's keys too: a slip in one of those is as likely.
func unknownEndpoint(file *config.Block, key string) error {
	if near := config.Nearest(key, slices.Concat(endpointKeys, rasaEndpoints)); near != "" {
		return file.Errorf(key, "unknown key %q: did you mean %q?", key, near)
	}
	return file.Errorf(key, "unknown key %q: known are %s", key, strings.Join(endpointKeys, ", "))
}

// loadLimits reads the block "limits:". Limits that it does not name keep their defaults.
func (e *Endpoints) loadLimits(file *config.Block) error {
	block, err := file.Sub("limits")
	if err != nil {
		return err
	}
	block = block.Named("limits")
	if err := block.Decode(&e.Limits); err != nil {
		return err
	}
	return block.Wrap(e.Limits.Validate())
}
