package turn

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// eventOf returns an event of the turn of m.
func eventOf(m *channels.Message, kind channels.EventKind) channels.Event {
	return channels.Event{Kind: kind, Channel: m.Channel, Sender: m.Sender, MessageID: m.ID, Time: time.Now()}
}

// replyEvent is that of one reply of the agent, given by its parts.
func replyEvent(m *channels.Message, parts []channels.Reply) channels.Event {
	e := eventOf(m, channels.EventReply)
	e.Replies = parts
	return e
}

// failureEvent is that of a turn that was given up.
func failureEvent(m *channels.Message, o journal.Outcome, reason string) channels.Event {
	kind := channels.EventFailed
	switch o { // the others are failures
	case journal.OutcomeInterrupted:
		kind = channels.EventInterrupted
	case journal.OutcomeExpired:
		kind = channels.EventExpired
	}
	e := eventOf(m, kind)
	e.Reason = reason
	return e
}
