package postgres

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Rows are encoded by the caller, before it hands its operation to the writer: there is one
// writer, and what it need not do leaves it time for the database.

// encodeEvents returns events as they are to be stored, without their text when that is not
// kept.
func (s *Store) encodeEvents(es ...channels.Event) ([]journal.EventRow, error) {
	return journal.EncodeEvents(es, s.options.Retention == 0)
}

// addressed returns the conversations that events give a new address, which must be locked
// for that. Other events need no lock but that of the counter.
func addressed(events []journal.EventRow) (cs []channels.Conversation) {
	for _, e := range events {
		if _, ok := journal.AddressOf(&e.Event); ok && !slices.Contains(cs, e.Conversation()) {
			cs = append(cs, e.Conversation())
		}
	}
	return cs
}

// conversationsOf returns the conversations of parts.
func conversationsOf(parts []channels.Part) []channels.Conversation {
	return column(parts, func(p channels.Part) channels.Conversation { return p.Conversation() })
}
