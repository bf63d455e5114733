package service

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/journal"
)

// Endpoints is what endpoints.yml asks for.
type Endpoints struct {
	Agent agents.Agent
	// AgentType is the agent's name for people.
	AgentType string
	// AgentTimeout bounds a turn.
	AgentTimeout time.Duration
	Limits       Limits
	// Store opens the journal. StoreType is its name for people.
	Store     journal.Config
	StoreType string
	// Retention is how long events are kept, as journal.Env has it.
	Retention time.Duration
	// Notes tell what was passed over and why.
	Notes []string

	config agents.Config
}

// endpointKeys are ours.
var endpointKeys = []string{"agent", "store", "limits"}

// rasaEndpoints are the keys of Rasa's endpoints.yml.
var rasaEndpoints = []string{
	"nlg", "nlu", "action_endpoint", "models", "tracker_store", "lock_store", "event_broker",
}

var errNoAgent = errors.New(`no "agent:": this is Rasa's own file. Add who answers, for example
agent:
  type: rasa
  url: http://localhost:5006  # where "rasa run" listens; both default to port 5005`)

// LoadEndpoints reads a parsed endpoints.yml.
func LoadEndpoints(file *config.Block, types []agents.Type, stores []journal.Type, log *slog.Logger) (*Endpoints, error) {
	e := &Endpoints{Limits: DefaultLimits()}
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

func unknownEndpoint(file *config.Block, key string) error {
	if near := config.Nearest(key, slices.Concat(endpointKeys, rasaEndpoints)); near != "" {
		return file.Errorf(key, "unknown key %q: did you mean %q?", key, near)
	}
	return file.Errorf(key, "unknown key %q: known are %s", key, strings.Join(endpointKeys, ", "))
}

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

func (e *Endpoints) loadAgent(file *config.Block, types []agents.Type, log *slog.Logger) error {
	if !slices.Contains(file.Keys(), "agent") {
		if len(file.Keys()) > 0 && len(e.Notes) == len(file.Keys()) {
			return file.Errorf("", "%w", errNoAgent)
		}
		return file.Errorf("", `no "agent:": add "agent: {type: echo}", or the type of yours: %s`, strings.Join(namesOf(types, agentName), ", "))
	}
	block, t, err := pick(file, "agent", "", types, agentName)
	if err != nil {
		return err
	}
	return e.openAgent(block, t, log)
}

// loadStore finds the store's type, by default the first that there is.
func (e *Endpoints) loadStore(file *config.Block, types []journal.Type) error {
	if len(types) == 0 {
		return errors.New("store: this program has none built in")
	}
	block, t, err := pick(file, "store", types[0].Name, types, func(t journal.Type) string { return t.Name })
	if err != nil {
		return err
	}
	keys := struct {
		Type      string        `yaml:"type"`
		Retention time.Duration `yaml:"retention"`
	}{Retention: journal.DefaultRetention}
	e.Store, e.StoreType = t.New(), t.Name
	if err := block.Decode(&keys, e.Store); err != nil {
		return err
	}
	if keys.Retention < 0 {
		return block.Errorf("retention", "retention: expected 0 or more")
	}
	e.Retention = keys.Retention
	return block.Wrap(e.Store.Validate())
}

// pick finds the type that the block under key names, and returns both.
func pick[T any](file *config.Block, key, fallback string, types []T, name func(T) string) (*config.Block, *T, error) {
	block, err := file.Sub(key)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := block.Text("type")
	if err != nil {
		return nil, nil, err
	}
	wanted = cmp.Or(wanted, fallback)
	i := slices.IndexFunc(types, func(t T) bool { return name(t) == wanted })
	if i < 0 {
		return nil, nil, unknownType(block.Named(key), wanted, namesOf(types, name))
	}
	return block.Named(key + " " + wanted), &types[i], nil
}

func agentName(t agents.Type) string { return t.Name }

// namesOf returns the name of each item of a list.
func namesOf[T any](list []T, name func(T) string) []string {
	names := make([]string, len(list))
	for i, item := range list {
		names[i] = name(item)
	}
	return names
}

// unknownType says which types there are, or which was probably meant.
func unknownType(block *config.Block, name string, known []string) error {
	list := strings.Join(known, ", ")
	switch near := config.Nearest(name, known); {
	case name == "":
		return block.Errorf("", `"type:" is missing: there are: %s`, list)
	case near != "":
		return block.Errorf("type", "unknown type %q: did you mean %q?", name, near)
	}
	return block.Errorf("type", "unknown type %q: there are: %s", name, list)
}

func (e *Endpoints) openAgent(block *config.Block, t *agents.Type, log *slog.Logger) error {
	keys := struct {
		Type    string        `yaml:"type"`
		Timeout time.Duration `yaml:"timeout"`
	}{Timeout: cmp.Or(t.Timeout, agents.DefaultTimeout)}
	config := t.New()
	if err := block.Decode(&keys, config); err != nil {
		return err
	}
	if keys.Timeout <= 0 {
		return block.Errorf("timeout", "timeout: expected more than 0")
	}
	if err := config.Validate(); err != nil {
		return block.Wrap(err)
	}
	agent, err := config.Open(agents.Env{Log: log.With("agent", t.Name), Timeout: keys.Timeout})
	if err != nil {
		return block.Wrap(err)
	}
	e.Agent, e.AgentType, e.AgentTimeout, e.config = agent, t.Name, keys.Timeout, config
	return nil
}

// Check returns what the agent has to say about the channels it will serve.
func (e *Endpoints) Check(instances []*Instance) []string {
	checker, ok := e.config.(agents.Checker)
	if !ok {
		return nil
	}
	return checker.Check(namesOf(instances, instanceName))
}
