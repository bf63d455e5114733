package agents

import (
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// payload is a turn as JSON: the body of Rasa's REST channel, and what Manyvox knows besides.
type payload struct {
	Sender       string                `json:"sender"`
	Text         string                `json:"message"`
	InputChannel string                `json:"input_channel"`
	Metadata     json.RawMessage       `json:"metadata"`
	ID           string                `json:"message_id"`
	Attachments  []channels.Attachment `json:"attachments,omitempty"`
	Channel      string                `json:"channel"`
	ChannelType  string                `json:"channel_type"`
	Capabilities []string              `json:"capabilities"`
	Attempt      int                   `json:"attempt"`
	Live         bool                  `json:"live"`
}

// Payload returns a turn as JSON on one line, for agents whose assistant takes JSON: the keys
// sender, message, input_channel, metadata, message_id and attachments of Rasa's REST channel,
// and channel, channel_type, capabilities, attempt and live. Metadata is kept value for value.
func Payload(t Turn) ([]byte, error) {
	m := &t.Message
	body, err := channels.Marshal(payload{
		Sender: m.Sender, Text: m.Text, InputChannel: m.InputChannel, Metadata: m.Metadata, ID: m.ID, Attachments: m.Attachments,
		Channel: m.Channel, ChannelType: t.Channel.Type, Capabilities: t.Channel.Capabilities,
		Attempt: t.Attempt, Live: t.Live,
	})
	if err != nil {
		return nil, &channels.Error{Code: channels.CodeInternal, Message: "the message has no JSON form", Err: err}
	}
	return body, nil
}
