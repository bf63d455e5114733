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

// loadAgent opens the agent of the block "agent:". A file that has none and is not Rasa's
// has the echo agent, as no file has.
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
		return e.openAgent(none.Named("agent "+defaultAgent), &types[i], log, inUse)
	}
	block, t, err := pick(file, "agent", "", types, agentName)
	if err != nil {
		return err
	}
	return e.openAgent(block, t, log, inUse)
}

// openAgent opens the agent of a block, unless the one in use is of the same block.
func (e *Endpoints) openAgent(block *config.Block, t *agents.Type, log *slog.Logger, inUse *Endpoints) error {
	if inUse != nil && t.Name == inUse.AgentType && block.Equal(inUse.agentBlock) {
		e.Agent, e.AgentType, e.AgentTimeout, e.AgentRepeat = inUse.Agent, inUse.AgentType, inUse.AgentTimeout, inUse.AgentRepeat
		e.AgentOnFailure, e.config, e.agentBlock = inUse.AgentOnFailure, inUse.config, block
		return nil
	}
	return e.openNewAgent(block, t, log)
}

// openNewAgent decodes the block strictly, validates it and opens the agent. Each step has
// errors with file and line of its own, so the first that fails ends it.
func (e *Endpoints) openNewAgent(block *config.Block, t *agents.Type, log *slog.Logger) error {
	keys := struct {
		Type      string        `yaml:"type"`
		Timeout   time.Duration `yaml:"timeout"`
		Repeat    agents.Repeat `yaml:"repeat"`
		OnFailure string        `yaml:"on_failure"`
	}{Timeout: cmp.Or(t.Timeout, agents.DefaultTimeout), Repeat: cmp.Or(t.Repeat, agents.RepeatAlways), OnFailure: t.OnFailure}
	config := t.New()
	if err := block.Decode(&keys, config); err != nil {
		return err
	}
	if keys.Timeout <= 0 {
		return block.Errorf("timeout", "timeout: expected more than 0")
	}
	if err := keys.Repeat.Validate(); err != nil {
		return block.Errorf("repeat", "repeat: %w", err)
	}
	if err := config.Validate(); err != nil {
		return block.Wrap(err)
	}
	agent, err := config.Open(agents.Env{Log: log.With("agent", t.Name), Timeout: keys.Timeout})
	if err != nil {
		return block.Wrap(err)
	}
	e.Agent, e.AgentType, e.AgentTimeout, e.AgentRepeat, e.config = agent, t.Name, keys.Timeout, keys.Repeat, config
	e.AgentOnFailure, e.agentBlock = keys.OnFailure, block
	return nil
}

// Check returns what the agent has to say about the channels it will serve.
func (e *Endpoints) Check(channelNames []string) []string {
	checker, ok := e.config.(agents.Checker)
	if !ok {
		return nil
	}
	return checker.Check(channelNames)
}

// Server returns the URL of the server that the agent calls, "" when it calls none.
func (e *Endpoints) Server() string {
	if caller, ok := e.config.(agents.Caller); ok {
		return caller.Server()
	}
	return ""
}

// AgentURL returns the key that the agent's URL stands under and where that is, for an error
// about it.
func (e *Endpoints) AgentURL() (key, at string) {
	for _, key := range []string{"url", "base_url"} {
		if slices.Contains(e.agentBlock.Keys(), key) {
			return key, e.agentBlock.At(key)
		}
	}
	return "url", e.agentBlock.At("url") // a default
}

func agentName(t agents.Type) string { return t.Name }
