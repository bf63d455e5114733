package postgres

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Rows are encoded by the caller, before it hands its operation to the writer: there is one
// writer, and what it need not do leaves it time for the database.

// encodedEntry is an entry and its message as it is stored.
type encodedEntry struct {
	journal.Entry
	body []byte
}

func encodeEntries(es []journal.Entry) ([]encodedEntry, error) {
	encoded := make([]encodedEntry, len(es))
	for i, e := range es {
		body, err := journal.EncodeMessage(e.Message)
		if err != nil {
			return nil, err
		}
		encoded[i] = encodedEntry{e, body}
	}
	return encoded, nil
}

// encodedPart is the conversation of a part, and the part as it is stored.
type encodedPart struct {
	channels.Conversation
	body []byte
}

func encodeParts(parts []channels.Part) ([]encodedPart, error) {
	encoded := make([]encodedPart, len(parts))
	for i, p := range parts {
		body, err := journal.EncodePart(p)
		if err != nil {
			return nil, err
		}
		encoded[i] = encodedPart{p.Conversation(), body}
	}
	return encoded, nil
}

// encodedEvent is an event and its body as it is stored.
type encodedEvent struct {
	channels.Event
	body []byte
}

// encodeEvents returns events as they are to be stored, without their text when that is not
// kept.
func (s *Store) encodeEvents(es ...channels.Event) ([]encodedEvent, error) {
	encoded := make([]encodedEvent, len(es))
	for i, e := range es {
		if s.options.Retention == 0 {
			e = e.WithoutText()
		}
		body, err := journal.EncodeEvent(&e)
		if err != nil {
			return nil, err
		}
		if e.Message != nil { // WithoutText takes the address too, which the conversation needs
			e.Message = es[i].Message
		}
		encoded[i] = encodedEvent{e, body}
	}
	return encoded, nil
}

// addressed returns the conversations that events give a new address, which must be locked
// for that. Other events need no lock but that of the counter.
func addressed(events []encodedEvent) (cs []channels.Conversation) {
	for _, e := range events {
		if c := e.Conversation(); e.Kind == channels.EventMessage && !slices.Contains(cs, c) {
			cs = append(cs, c)
		}
	}
	return cs
}

// conversationsOf returns the conversations of parts.
func conversationsOf(parts []channels.Part) []channels.Conversation {
	return column(parts, func(p channels.Part) channels.Conversation { return p.Conversation() })
}

// countReplies counts the replies among events.
func countReplies(events []encodedEvent) (n int64) {
	for _, e := range events {
		if e.Kind == channels.EventReply {
			n++
		}
	}
	return n
}
