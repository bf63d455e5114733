package channels

import (
	"encoding/json"
	"time"
)

// Message is what a user wrote. Its JSON is the body of Rasa's REST channel.
type Message struct {
	// Sender is who writes, unique within the channel: Rasa's sender_id.
	// Empty becomes "default" at the door.
	Sender string `json:"sender"`
	// Text is what was written; the door removes white space around it.
	Text string `json:"message"`
	// InputChannel is the channel name recorded with the message. Empty becomes
	// the instance's own.
	InputChannel string `json:"input_channel"`
	// Metadata is any JSON value, kept value for value: numbers, order of keys,
	// escapes. Nil when there is none.
	Metadata json.RawMessage `json:"metadata"`
	// ID is the platform's or the client's id of the message. Empty becomes a
	// random one at the door.
	ID string `json:"message_id,omitempty"`
	// Attachments came with the message.
	Attachments []Attachment `json:"attachments,omitempty"`

	// Channel is the instance's name in credentials.yml. The door sets it.
	Channel string `json:"-"`
	// Address is where replies go when that is more than the sender (Slack: channel
	// and thread). Only the channel that made it reads it.
	Address string `json:"-"`
	// Hops names the programs that handed the message on to this one, divided by commas: the
	// header Manyvox-Hops. The door sets it.
	Hops string `json:"-"`
	// Received is when the message came in. The door sets it when it is zero.
	Received time.Time `json:"-"`
}

// Conversation returns the conversation the message belongs to.
func (m *Message) Conversation() Conversation {
	return Conversation{Channel: m.Channel, Sender: m.Sender}
}

// Conversation names a conversation: one sender on one channel.
type Conversation struct {
	Channel string
	Sender  string
}
