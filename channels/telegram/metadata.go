package telegram

import (
	"context"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// metadata is what the assistant is told beside the text, under Telegram's names. It depends
// on the update alone, so that a redelivery is the same message.
type metadata struct {
	UpdateID   int64           `json:"update_id"`
	Kind       string          `json:"kind"`
	MessageID  int64           `json:"message_id,omitempty"`
	ThreadID   int64           `json:"message_thread_id,omitempty"`
	ReplyTo    int64           `json:"reply_to_message_id,omitempty"`
	MediaGroup string          `json:"media_group_id,omitempty"`
	Chat       chat            `json:"chat"`
	From       *user           `json:"from,omitempty"`
	Contact    json.RawMessage `json:"contact,omitempty"`
	Venue      json.RawMessage `json:"venue,omitempty"`
}

func metadataOf(u *update, m *message) json.RawMessage {
	data := metadata{
		UpdateID: u.ID, Kind: "message", MessageID: m.ID, MediaGroup: m.MediaGroup, Chat: m.Chat, From: m.From,
		Contact: m.Contact, Venue: m.Venue,
	}
	if m.IsTopic {
		data.ThreadID = m.ThreadID
	}
	if m.ReplyTo != nil {
		data.ReplyTo = m.ReplyTo.ID
	}
	switch {
	case u.Query != nil:
		data.Kind, data.ReplyTo = "callback_query", 0
	case m == u.Edited:
		data.Kind = "edited_message"
	}
	encoded, _ := channels.Marshal(data) // of values that came as JSON
	return encoded
}

// ignored records an update that is no turn, in the channel's log. Ctx is that of the request
// that brought it, where one did.
func (c *Channel) ignored(ctx context.Context, body []byte, why string) {
	c.record(ctx, channels.Exchange{Verdict: channels.VerdictIgnored, Text: kindOf(body) + ": " + why})
}

// maxKind bounds the name of a kind in the log.
const maxKind = 64

// kindOf names the kind of an update: its key beside update_id.
func kindOf(body []byte) string {
	var u map[string]json.RawMessage
	if json.Unmarshal(body, &u) != nil {
		return ""
	}
	kind := ""
	for name := range u {
		if name != "update_id" && len(name) <= maxKind && (kind == "" || name < kind) {
			kind = name
		}
	}
	return kind
}
