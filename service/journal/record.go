package journal

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// The functions of this file give rows the form in which every store keeps them.

// messageRecord is a message as it is stored: its JSON, and what that leaves out.
type messageRecord struct {
	channels.Message
	// Metadata hides the message's: it is kept byte for byte, white space included.
	Metadata []byte    `json:"metadata,omitempty"`
	Channel  string    `json:"channel"`
	Address  string    `json:"address,omitempty"`
	Hops     string    `json:"hops,omitempty"`
	Received time.Time `json:"received"`
}

func recordOf(m *channels.Message) *messageRecord {
	return &messageRecord{
		Message: *m, Metadata: m.Metadata, Channel: m.Channel, Address: m.Address, Hops: m.Hops, Received: m.Received,
	}
}

func (r *messageRecord) message() channels.Message {
	m := r.Message
	m.Metadata, m.Channel, m.Address, m.Hops, m.Received = r.Metadata, r.Channel, r.Address, r.Hops, r.Received
	return m
}

// EncodeMessage returns the stored form of a message.
func EncodeMessage(m channels.Message) ([]byte, error) {
	body, err := channels.Marshal(recordOf(&m))
	if err != nil {
		return nil, fmt.Errorf("journal: message %s: %w", m.ID, err)
	}
	return body, nil
}

// DecodeMessage reads what EncodeMessage returns.
func DecodeMessage(body []byte) (channels.Message, error) {
	var r messageRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return channels.Message{}, fmt.Errorf("journal: message: %w", err)
	}
	return r.message(), nil
}

// replyRecord is a reply as it is stored: its JSON, and what that leaves out or rewrites.
type replyRecord struct {
	Reply    channels.Reply `json:"reply"`
	Rendered bool           `json:"rendered,omitempty"`
	// Format is left out of the reply's JSON.
	Format channels.Format `json:"format,omitempty"`
	// Attachment and Custom are the reply's, byte for byte, also when they are null.
	Attachment []byte `json:"attachment,omitempty"`
	Custom     []byte `json:"custom,omitempty"`
}

func recordOfReply(r channels.Reply) replyRecord {
	record := replyRecord{Reply: r, Rendered: r.Rendered, Format: r.Format, Attachment: r.Attachment, Custom: r.Custom}
	record.Reply.Attachment, record.Reply.Custom = nil, nil
	return record
}

func (r *replyRecord) reply() channels.Reply {
	reply := r.Reply
	reply.Rendered, reply.Format, reply.Attachment, reply.Custom = r.Rendered, r.Format, r.Attachment, r.Custom
	return reply
}

// partRecord is a part as it is stored.
type partRecord struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
	Type    string `json:"type,omitempty"`
	Sender  string `json:"sender"`
	Address string `json:"address,omitempty"`
	Message string `json:"message,omitempty"`
	replyRecord
	Choices  []channels.Choice `json:"choices,omitempty"`
	Unfitted int               `json:"unfitted,omitempty"`
}

// EncodePart returns the stored form of a part.
func EncodePart(p channels.Part) ([]byte, error) {
	body, err := channels.Marshal(partRecord{
		ID: p.ID, Channel: p.Channel, Type: p.Type, Sender: p.Sender, Address: p.Address, Message: p.MessageID,
		replyRecord: recordOfReply(p.Reply), Choices: p.Choices, Unfitted: p.Unfitted,
	})
	if err != nil {
		return nil, fmt.Errorf("journal: part %s: %w", p.ID, err)
	}
	return body, nil
}

// DecodePart reads what EncodePart returns.
func DecodePart(body []byte) (channels.Part, error) {
	var r partRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return channels.Part{}, fmt.Errorf("journal: part: %w", err)
	}
	return channels.Part{
		ID: r.ID, Channel: r.Channel, Type: r.Type, Sender: r.Sender, Address: r.Address, MessageID: r.Message,
		Reply: r.reply(), Choices: r.Choices, Unfitted: r.Unfitted,
	}, nil
}

// eventRecord is what an event holds besides what has a column of its own.
type eventRecord struct {
	Message *messageRecord `json:"message,omitempty"`
	Replies []replyRecord  `json:"replies,omitempty"`
	Part    string         `json:"part,omitempty"`
	Receipt string         `json:"receipt,omitempty"`
	Reason  string         `json:"reason,omitempty"`
}

// addTo adds to an event what the record holds.
func (r *eventRecord) addTo(e *channels.Event) {
	e.Part, e.Receipt, e.Reason = r.Part, r.Receipt, r.Reason
	if r.Message != nil {
		m := r.Message.message()
		e.Message = &m
	}
	for i := range r.Replies {
		e.Replies = append(e.Replies, r.Replies[i].reply())
	}
}

// EncodeEvent returns the stored form of what an event holds besides its cursor,
// kind, channel, sender, message id and time.
func EncodeEvent(e *channels.Event) ([]byte, error) { return appendForm(nil, []channels.Event{*e}) }

// DecodeEvent adds to an event what EncodeEvent returned. What can't be read is left
// out: the other events must stay readable.
func DecodeEvent(body []byte, e *channels.Event) {
	var r eventRecord
	if err := json.Unmarshal(body, &r); err != nil {
		e.Reason = "the stored event cannot be read"
		return
	}
	r.addTo(e)
}

// receiptRecord is a receipt as it is stored.
type receiptRecord struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
}

// EncodeReceipt returns the stored form of a receipt, nil for none.
func EncodeReceipt(r *channels.Receipt) ([]byte, error) {
	if r == nil {
		return nil, nil
	}
	body, err := channels.Marshal(receiptRecord(*r))
	if err != nil {
		return nil, fmt.Errorf("journal: receipt %s: %w", r.ID, err)
	}
	return body, nil
}

// DecodeReceipt reads what EncodeReceipt returns. A receipt that can't be read is none: then
// the part is sent anew.
func DecodeReceipt(body []byte) *channels.Receipt {
	var r receiptRecord
	if len(body) == 0 || json.Unmarshal(body, &r) != nil {
		return nil
	}
	receipt := channels.Receipt(r)
	return &receipt
}
