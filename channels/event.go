package channels

import "time"

// Event is one thing that happened in a conversation. All events of a program, or of
// all replicas that share a journal, stand in one order.
type Event struct {
	// Cursor is the event's place in that order. It rises, and what is committed later
	// has a higher one.
	Cursor  int64
	Kind    EventKind
	Channel string
	Sender  string
	// MessageID is the id of the message whose turn it was.
	MessageID string
	Time      time.Time
	// Message is what the user wrote, of an EventMessage.
	Message *Message
	// Replies are the parts of one reply, of an EventReply.
	Replies []Reply
	// Part is the id of the part, of an event about one.
	Part string
	// Receipt is the platform's id of the part that it took, if it gave one.
	Receipt string
	// Reason says why something was given up. It holds no text and no secret.
	Reason string
}

// Conversation returns the conversation the event belongs to.
func (e *Event) Conversation() Conversation {
	return Conversation{Channel: e.Channel, Sender: e.Sender}
}

// Size returns about how much memory the event takes, in bytes.
func (e *Event) Size() int {
	const fields = 256 // of an event, a message or a reply without its texts
	size := fields + len(e.Sender) + len(e.MessageID) + len(e.Reason)
	if m := e.Message; m != nil {
		size += fields + len(m.Text) + len(m.Metadata)
	}
	for i := range e.Replies {
		size += fields + e.Replies[i].Size()
	}
	return size
}

// WithoutText returns the event without anything that was written: that it happened.
func (e Event) WithoutText() Event {
	if m := e.Message; m != nil {
		e.Message = &Message{
			ID: m.ID, Channel: m.Channel, Sender: m.Sender, InputChannel: m.InputChannel, Received: m.Received,
		}
	}
	e.Replies = nil
	return e
}

// EventKind is what has happened.
type EventKind string

// The kinds of events.
const (
	// EventMessage is a user's message whose turn began.
	EventMessage EventKind = "message"
	// EventReply is a reply of the assistant, or one that was sent without a turn.
	EventReply EventKind = "reply"
	// EventSent is a part that the platform took.
	EventSent EventKind = "sent"
	// EventUndelivered is a part that was given up.
	EventUndelivered EventKind = "undelivered"
	// EventExpired is a part whose reader did not come back in time, or a message or a
	// part that grew too old to be answered or sent. The part's id is empty for a message.
	EventExpired EventKind = "expired"
	// EventGap stands for events of the conversation that could not be written. With an
	// empty sender it stands for those of several conversations of the channel.
	EventGap EventKind = "gap"
	// EventDelivered is a part that, as the platform says, has reached its reader.
	EventDelivered EventKind = "delivered"
	// EventRead is a part that, as the platform says, was read.
	EventRead EventKind = "read"
	// EventRefused is a message that was over the limits, and is a dead letter.
	EventRefused EventKind = "refused"
	// EventFailed is a turn that was given up with nothing shown.
	EventFailed EventKind = "failed"
	// EventInterrupted is a turn that was given up in the middle.
	EventInterrupted EventKind = "interrupted"
)
