package postgres

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// encodedEvent is an event and its body as it is stored.
type encodedEvent struct {
	channels.Event
	body []byte
}

// encodeEvents returns events as they are to be stored, without their text when that is not
// kept.
func (s *Store) encodeEvents(es ...channels.Event) ([]encodedEvent, error) {
	events := make([]encodedEvent, len(es))
	for i, e := range es {
		if s.options.Retention == 0 {
			e = e.WithoutText()
		}
		body, err := journal.EncodeEvent(&e)
		if err != nil {
			return nil, err
		}
		if e.Message != nil { // what is kept of it has no address
			e.Message = es[i].Message
		}
		events[i] = encodedEvent{e, body}
	}
	return events, nil
}

// appendEvents appends events; those of messages say where their conversation is.
func (t *tx) appendEvents(events ...encodedEvent) {
	t.events = append(t.events, events...)
	for _, n := range events {
		c := t.conversations[n.Conversation()]
		if n.Kind == channels.EventMessage && n.Message != nil && c != nil {
			c.address, c.seen, c.changed = []byte(n.Message.Address), micro(n.Time), true
		}
	}
}

// conversationsToLock are the conversations that the events lock: those with a new address.
func conversationsToLock(events []encodedEvent) (places []channels.Conversation) {
	for _, n := range events {
		if c := n.Conversation(); n.Kind == channels.EventMessage && !slices.Contains(places, c) {
			places = append(places, c)
		}
	}
	return places
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
