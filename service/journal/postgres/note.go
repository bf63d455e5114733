package postgres

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// note is an event and its body as it is stored.
type note struct {
	channels.Event
	body []byte
}

// encode returns events as they are to be stored, without their text when that is not
// kept.
func (s *Store) encode(es ...channels.Event) ([]note, error) {
	notes := make([]note, len(es))
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
		notes[i] = note{e, body}
	}
	return notes, nil
}

// note appends events; those of messages say where their conversation is.
func (t *tx) note(notes ...note) {
	t.notes = append(t.notes, notes...)
	for _, n := range notes {
		c := t.conversations[n.Conversation()]
		if n.Kind == channels.EventMessage && n.Message != nil && c != nil {
			c.address, c.seen, c.changed = []byte(n.Message.Address), micro(n.Time), true
		}
	}
}

// placesOf are the conversations that the events lock: those with a new address.
func placesOf(notes []note) (places []channels.Conversation) {
	for _, n := range notes {
		if c := n.Conversation(); n.Kind == channels.EventMessage && !slices.Contains(places, c) {
			places = append(places, c)
		}
	}
	return places
}

// replies counts the replies among events.
func replies(notes []note) (n int64) {
	for _, e := range notes {
		if e.Kind == channels.EventReply {
			n++
		}
	}
	return n
}
