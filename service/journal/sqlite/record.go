package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// messageRecord is a message as it is stored: its JSON, and what that leaves out.
type messageRecord struct {
	channels.Message
	// Metadata hides the message's: it is kept byte for byte, white space included.
	Metadata []byte    `json:"metadata,omitempty"`
	Channel  string    `json:"channel"`
	Address  string    `json:"address,omitempty"`
	Received time.Time `json:"received"`
}

func encodeMessage(m channels.Message) ([]byte, error) {
	body, err := channels.Marshal(messageRecord{
		Message: m, Metadata: m.Metadata, Channel: m.Channel, Address: m.Address, Received: m.Received,
	})
	if err != nil {
		return nil, fmt.Errorf("journal sqlite: message %s: %w", m.ID, err)
	}
	return body, nil
}

func decodeMessage(body []byte) (channels.Message, error) {
	var r messageRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return channels.Message{}, fmt.Errorf("journal sqlite: message: %w", err)
	}
	m := r.Message
	m.Metadata, m.Channel, m.Address, m.Received = r.Metadata, r.Channel, r.Address, r.Received
	return m, nil
}

// partRecord is a part as it is stored: the reply's JSON, and what that leaves out or
// rewrites.
type partRecord struct {
	ID       string         `json:"id"`
	Channel  string         `json:"channel"`
	Sender   string         `json:"sender"`
	Address  string         `json:"address,omitempty"`
	Reply    channels.Reply `json:"reply"`
	Rendered bool           `json:"rendered,omitempty"`
	// Attachment and Custom are the reply's, byte for byte, also when they are null.
	Attachment []byte `json:"attachment,omitempty"`
	Custom     []byte `json:"custom,omitempty"`
}

func encodePart(p channels.Part) ([]byte, error) {
	r := partRecord{
		ID: p.ID, Channel: p.Channel, Sender: p.Sender, Address: p.Address, Reply: p.Reply,
		Rendered: p.Reply.Rendered, Attachment: p.Reply.Attachment, Custom: p.Reply.Custom,
	}
	r.Reply.Attachment, r.Reply.Custom = nil, nil
	body, err := channels.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("journal sqlite: part %s: %w", p.ID, err)
	}
	return body, nil
}

func decodePart(body []byte) (channels.Part, error) {
	var r partRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return channels.Part{}, fmt.Errorf("journal sqlite: part: %w", err)
	}
	p := channels.Part{ID: r.ID, Channel: r.Channel, Sender: r.Sender, Address: r.Address, Reply: r.Reply}
	p.Reply.Rendered, p.Reply.Attachment, p.Reply.Custom = r.Rendered, r.Attachment, r.Custom
	return p, nil
}
