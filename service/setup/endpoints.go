package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
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
	// Agents answer: the one of "agent:", or those of "agents:" in the order of the file.
	Agents []*Agent
	// Router says which of them answers a message.
	Router agents.Router
	Limits instance.Limits
	// Chat is what the chat page shows of whom it belongs to.
	Chat instance.ChatSettings
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

	// storeBlock is what Store was made from, and routes are where each route stands.
	storeBlock *config.Block
	routes     []*config.Block
}

// endpointKeys are ours.
var endpointKeys = []string{"agent", "agents", "routes", "default", "store", "limits", "chat"}

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
	return ReloadEndpoints(file, types, stores, log, nil)
}

// ReloadEndpoints is LoadEndpoints where others are in use: each of their agents is kept whose
// block has not changed. When it fails it has closed what it opened.
func ReloadEndpoints(
	file *config.Block, types []agents.Type, stores []journal.Type, log *slog.Logger, inUse *Endpoints,
) (*Endpoints, error) {
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
	errs = append(errs, e.loadLimits(file), e.loadStore(file, stores), e.loadAgents(file, types, log, inUse), e.loadChat(file, types))
	if err := errors.Join(errs...); err != nil {
		e.CloseAgents(inUse, log)
		return e, err
	}
	return e, nil
}

// KeepsAgents reports whether the agents, and who of them answers what, are those of other
// endpoints, which are in use.
func (e *Endpoints) KeepsAgents(inUse *Endpoints) bool {
	if inUse == nil || len(e.Agents) != len(inUse.Agents) || !reflect.DeepEqual(e.Router, inUse.Router) {
		return false
	}
	return !slices.ContainsFunc(e.Agents, func(a *Agent) bool { return !a.IsKept(inUse) })
}

// CloseAgents closes each agent that is a Closer and not one of the endpoints in use.
func (e *Endpoints) CloseAgents(inUse *Endpoints, log *slog.Logger) {
	for _, a := range e.Agents {
		if closer, ok := a.Agent.(agents.Closer); ok && !a.IsKept(inUse) {
			instance.Close(context.Background(), log, "agent "+a.Name, closer)
		}
	}
}

// NeedsRestart returns a note for each change from the endpoints in use that only a restart
// puts in use, and takes those changes back.
func (e *Endpoints) NeedsRestart(inUse *Endpoints) (notes []string) {
	if !e.storeBlock.Equal(inUse.storeBlock) {
		notes = append(notes, "store: changed: it needs a restart; the program goes on with the store that it has")
	}
	if e.Limits.StaleAfter != inUse.Limits.StaleAfter {
		notes = append(notes, "limits: stale_after: changed: it needs a restart; the program goes on with "+inUse.Limits.StaleAfter.String())
	}
	e.Limits.StaleAfter, e.storeBlock = inUse.Limits.StaleAfter, inUse.storeBlock
	return notes
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
