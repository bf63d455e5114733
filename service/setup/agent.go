package setup

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/config"
)

// defaultAgent answers when a file names no agent.
const defaultAgent = "echo"

// Agent is one of those who answer.
type Agent struct {
	agents.Agent
	// Name is the name in "agents:", or else the type's.
	Name, Type string
	// Timeout bounds a turn.
	Timeout time.Duration
	// Repeat says when a stored message is run again.
	Repeat agents.Repeat
	// OnFailure is what a user is told whose message was given up, unless the channel says.
	OnFailure string
	// Fallback is the name of the agent that answers while this one cannot be reached.
	Fallback string
	// Concurrency is how many turns run at once, 0 for no bound of its own.
	Concurrency int

	config agents.Config
	block  *config.Block
}

// loadAgents opens the agents of "agents:", or the one of "agent:". A file that has none and
// is not Rasa's has the echo agent, as no file has.
func (e *Endpoints) loadAgents(file *config.Block, types []agents.Type, log *slog.Logger, inUse *Endpoints) error {
	keys := file.Keys()
	if slices.Contains(keys, "agents") {
		if slices.Contains(keys, "agent") {
			return file.Errorf("agents", `both "agent:" and "agents:": move the block of "agent:" under "agents:" with a name, such as "agents: {main: {type: ...}}", and write "default: main"`)
		}
		return e.loadSeveral(file, types, log, inUse)
	}
	for _, key := range []string{"routes", "default"} {
		if slices.Contains(keys, key) {
			return file.Errorf(key, `%s: chooses among several agents: write them as "agents: {name: {type: ...}}" in place of "agent:"`, key)
		}
	}
	return e.loadAgent(file, types, log, inUse)
}

// loadAgent opens the one agent.
func (e *Endpoints) loadAgent(file *config.Block, types []agents.Type, log *slog.Logger, inUse *Endpoints) error {
	if !slices.Contains(file.Keys(), "agent") {
		i := slices.IndexFunc(types, func(t agents.Type) bool { return t.Name == defaultAgent })
		switch {
		case len(e.Notes) > 0:
			return file.Errorf("", "%w", errNoAgent)
		case i < 0:
			return file.Errorf("", `no "agent:": add "agent: {type: ...}" with one of: %s`, strings.Join(namesOf(types, agentName), ", "))
		}
		e.Warnings = append(e.Warnings, file.At("")+`: no "agent:": the echo agent answers. For an assistant of Rasa's add`+rasaAgent)
		none, err := file.Sub("agent")
		if err != nil {
			return err
		}
		return e.openAgent(none.Named("agent "+defaultAgent), defaultAgent, &types[i], log, inUse)
	}
	block, t, err := pick(file, "agent", "", types, agentName)
	if err != nil {
		return err
	}
	if slices.Contains(block.Keys(), "fallback") {
		return block.Errorf("fallback", `fallback: needs another agent: write both as "agents: {name: {type: ...}}" in place of "agent:"`)
	}
	return e.openAgent(block, t.Name, t, log, inUse)
}

// openAgent opens the agent of a block, unless the one in use of that name is of the same block.
func (e *Endpoints) openAgent(block *config.Block, name string, t *agents.Type, log *slog.Logger, inUse *Endpoints) error {
	if kept := inUse.agent(name); kept != nil && t.Name == kept.Type && block.Equal(kept.block) {
		same := *kept
		same.block = block
		e.Agents = append(e.Agents, &same)
		return nil
	}
	a, err := openAgent(block, name, t, log)
	if err != nil {
		return err
	}
	e.Agents = append(e.Agents, a)
	return nil
}

// agent returns the agent of a name, nil when there is none.
func (e *Endpoints) agent(name string) *Agent {
	if e == nil {
		return nil
	}
	for _, a := range e.Agents {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// openAgent decodes the block strictly, validates it and opens the agent. Each step has
// errors with file and line of its own, so the first that fails ends it.
func openAgent(block *config.Block, name string, t *agents.Type, log *slog.Logger) (*Agent, error) {
	keys := struct {
		Type        string        `yaml:"type"`
		Timeout     time.Duration `yaml:"timeout"`
		Repeat      agents.Repeat `yaml:"repeat"`
		OnFailure   string        `yaml:"on_failure"`
		Fallback    string        `yaml:"fallback"`
		Concurrency *int          `yaml:"concurrency"`
	}{Timeout: cmp.Or(t.Timeout, agents.DefaultTimeout), Repeat: cmp.Or(t.Repeat, agents.RepeatAlways), OnFailure: t.OnFailure}
	config := t.New()
	if err := block.Decode(&keys, config); err != nil {
		return nil, err
	}
	if keys.Timeout <= 0 {
		return nil, block.Errorf("timeout", "timeout: expected more than 0")
	}
	if keys.Concurrency != nil && *keys.Concurrency <= 0 {
		return nil, block.Errorf("concurrency", "concurrency: expected more than 0")
	}
	if err := keys.Repeat.Validate(); err != nil {
		return nil, block.Errorf("repeat", "repeat: %w", err)
	}
	if err := config.Validate(); err != nil {
		return nil, block.Wrap(err)
	}
	agent, err := config.Open(agents.Env{Log: log.With("agent", name), Timeout: keys.Timeout})
	if err != nil {
		return nil, block.Wrap(err)
	}
	a := &Agent{
		Agent: agent, Name: name, Type: t.Name, Timeout: keys.Timeout, Repeat: keys.Repeat, OnFailure: keys.OnFailure,
		Fallback: keys.Fallback, config: config, block: block,
	}
	if keys.Concurrency != nil {
		a.Concurrency = *keys.Concurrency
	}
	return a, nil
}

// IsKept reports whether the agent is one of other endpoints, which are in use.
func (a *Agent) IsKept(inUse *Endpoints) bool {
	other := inUse.agent(a.Name)
	return other != nil && other.Type == a.Type && a.block.Equal(other.block)
}

// Check returns what the agents have to say about the channels they will serve.
func (e *Endpoints) Check(channelNames []string) (warnings []string) {
	for _, a := range e.Agents {
		checker, ok := a.config.(agents.Checker)
		if !ok {
			continue
		}
		for _, warning := range checker.Check(channelNames) {
			if len(e.Agents) > 1 {
				warning = "agent " + a.Name + ": " + warning
			}
			warnings = append(warnings, warning)
		}
	}
	return warnings
}

// Server returns the URL of the server that the agent calls, "" when it calls none.
func (a *Agent) Server() string {
	if caller, ok := a.config.(agents.Caller); ok {
		return caller.Server()
	}
	return ""
}

// URL returns the key that the agent's URL stands under and where that is, for an error
// about it.
func (a *Agent) URL() (key, at string) {
	for _, key := range []string{"url", "base_url"} {
		if slices.Contains(a.block.Keys(), key) {
			return key, a.block.At(key)
		}
	}
	return "url", a.block.At("url") // a default
}

func agentName(t agents.Type) string { return t.Name }
