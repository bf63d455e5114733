package openai

import (
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// startCommand is what messengers send when somebody opens the bot, with what a link has said
// behind it: https://core.telegram.org/bots/features#deep-linking
const startCommand = "/start"

// Commands are what the agent answers by itself.
type Commands struct {
	// Greeting answers /start. Default the model answers that too.
	Greeting string `yaml:"greeting"`
	// Reset is what a user writes so that what was said before is forgotten. Default /new.
	Reset string `yaml:"reset"`
	// ResetReply answers it.
	ResetReply string `yaml:"reset_reply"`
}

// reply returns the answer to a message that the model is not asked about.
func (c Commands) reply(t agents.Turn) (text string, ok bool) {
	text = strings.TrimSpace(t.Message.Text)
	switch {
	case c.isReset(text):
		return c.ResetReply, true
	case c.Greeting != "" && (text == startCommand || strings.HasPrefix(text, startCommand+" ")):
		return c.Greeting, true
	}
	return "", false
}

// isReset reports whether a text asks to forget.
func (c Commands) isReset(text string) bool {
	return c.Reset != "" && strings.EqualFold(strings.TrimSpace(text), strings.TrimSpace(c.Reset))
}

// sinceReset leaves out what was said before the last reset, and its answer.
func (c Commands) sinceReset(events []channels.Event) []channels.Event {
	for i := len(events) - 1; i >= 0; i-- {
		if m := events[i].Message; m == nil || !c.isReset(m.Text) {
			continue
		}
		after := i + 1
		for after < len(events) && events[after].Kind == channels.EventReply && events[after].MessageID == events[i].MessageID {
			after++
		}
		return events[after:]
	}
	return events
}
