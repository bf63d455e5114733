package setup

import (
	"slices"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
)

// loadChat reads the block "chat:". Keys that it does not have keep their defaults; that of
// the suggestions is of the agent's type, which knows what it can answer.
func (e *Endpoints) loadChat(file *config.Block, types []agents.Type) error {
	block, err := file.Sub("chat")
	if err != nil {
		return err
	}
	block = block.Named("chat")
	e.Chat = instance.DefaultChatSettings()
	if err := block.Decode(&e.Chat); err != nil {
		return err
	}
	if err := e.Chat.Validate(); err != nil {
		return block.Wrap(err)
	}
	if e.Chat.Suggestions != nil {
		return nil
	}
	e.Chat.Suggestions = instance.DefaultSuggestions()
	i := slices.IndexFunc(types, func(t agents.Type) bool { return len(e.Agents) > 0 && t.Name == e.Default().Type })
	if i >= 0 && types[i].Suggestions != nil {
		e.Chat.Suggestions = types[i].Suggestions
	}
	return nil
}
