package agenttest

import (
	"encoding/json"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Turn returns a turn as the service hands it out, with every field of the message
// set that the door sets.
func Turn(sender, text string) agents.Turn {
	return agents.Turn{Message: channels.Message{
		ID: "id-of-" + sender, Channel: "rest", Sender: sender, Text: text, InputChannel: "rest",
		Metadata: json.RawMessage(`{"n":9007199254740993}`), Received: time.Unix(1700000000, 0).UTC(),
	}, Attempt: 1, Channel: agents.Channel{Type: "rest", Capabilities: []string{"receive", "rpc", "token"}}, Media: Media{}}
}
