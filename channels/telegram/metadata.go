package telegram

import (
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// metadata is what the assistant is told of a message beside its text, under Telegram's names. It
// depends on the update alone, so that a redelivery is the same message.
type metadata struct {
	ID         int64           `json:"message_id,omitempty"`
	ThreadID   int64           `json:"message_thread_id,omitempty"`
	ReplyToID  int64           `json:"reply_to_message_id,omitempty"`
	MediaGroup string          `json:"media_group_id,omitempty"`
	Chat       chat            `json:"chat"`
	From       *user           `json:"from,omitempty"`
	Contact    json.RawMessage `json:"contact,omitempty"`
	Venue      json.RawMessage `json:"venue,omitempty"`
}

// metadataOf returns the metadata of a message of an update.
func metadataOf(u *update, m *message) json.RawMessage {
	kind := "message"
	switch {
	case u.Query != nil:
		kind = "callback_query"
	case m == u.Edited:
		kind = "edited_message"
	}
	encoded, _ := channels.Marshal(struct { // of values that came as JSON
		UpdateID int64  `json:"update_id"`
		Kind     string `json:"kind"`
		metadata
	}{u.ID, kind, m.metadata})
	return encoded
}
