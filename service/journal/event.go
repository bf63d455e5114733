package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Events is the part of a Journal about what happened. With Env.Retention 0 the
// store keeps events without their text (channels.Event.WithoutText).
type Events interface {
	// AppendEvents commits events of turns that are not settled here, as those of a
	// caller that gave its message no id. Consecutive events of one message may be kept
	// as one row; each has a cursor of its own all the same. The store does not keep the
	// list once it has returned.
	AppendEvents(ctx context.Context, es ...channels.Event) error

	// History returns the last n events of the conversation that are messages or
	// replies, the oldest first: only the newest of them when they hold more than
	// PageBytes.
	History(ctx context.Context, c channels.Conversation, n int) ([]channels.Event, error)

	// Events lists up to limit events above the cursor after that the filter lets
	// through, the oldest first, and ends the page once it holds PageBytes. A cursor below 0 stands before the oldest that is
	// kept. It fails with a *SweptError when events above the cursor were deleted for
	// their age.
	Events(ctx context.Context, f EventFilter, after int64, limit int) (EventPage, error)

	// Newest returns the cursor of the newest event there is or was, 0 before the first.
	Newest(ctx context.Context) (int64, error)

	// Changed returns a channel that is closed when there may be newer events than
	// when it was called.
	Changed() <-chan struct{}

	// Forget deletes all that is kept of a conversation but the keys of its messages:
	// events, address, what waits in the inbox and the outbox, dead letters, that it is
	// paused, replies that a repeat would get. Claims of it are lost. It returns how many rows it
	// deleted. Callers of Acquire keep their place, and turns of asked messages go on.
	Forget(ctx context.Context, c channels.Conversation) (int, error)
}

// EventFilter says which events to list.
type EventFilter struct {
	// Channel is the channel's name; empty lets all through.
	Channel string
	// Sender is who the conversation is with; empty lets all through. It is set only
	// together with Channel.
	Sender string
}

// EventPage is a part of a list of events.
type EventPage struct {
	Events []channels.Event
	// Next is the cursor to go on from: nothing up to it is left that the filter lets
	// through.
	Next int64
	// More says that there may be more events than the page has.
	More bool
}

// PageBytes is how much a list of events holds, in bytes as they are stored, before it ends:
// a row may have a reply of channels.MaxReply, and a page a thousand rows. It is a little
// more by the last row.
const PageBytes = channels.MaxReply

// SweptError says that events above a cursor were deleted for their age.
type SweptError struct {
	// Oldest is the lowest cursor above which nothing was deleted.
	Oldest int64
}

// Error names the oldest cursor.
func (e *SweptError) Error() string {
	return fmt.Sprintf("journal: events were deleted for their age; the oldest cursor is %d", e.Oldest)
}

// MessageEvent returns the event that a message's first attempt commits.
func MessageEvent(m *channels.Message) channels.Event {
	return channels.Event{
		Kind: channels.EventMessage, Channel: m.Channel, Sender: m.Sender, MessageID: m.ID, Time: m.Received, Message: m,
	}
}

// ExpiredEvent returns the event of a message or a part of the conversation that grew too
// old. One of the ids is empty.
func ExpiredEvent(c channels.Conversation, messageID, part string, now time.Time) channels.Event {
	return channels.Event{
		Kind: channels.EventExpired, Channel: c.Channel, Sender: c.Sender, MessageID: messageID, Part: part,
		Time: now, Reason: ReasonExpired,
	}
}

// RefusedEvent returns the event of a message that was over the limits.
func RefusedEvent(m *channels.Message, now time.Time) channels.Event {
	return channels.Event{
		Kind: channels.EventRefused, Channel: m.Channel, Sender: m.Sender, MessageID: m.ID, Time: now, Reason: ReasonRefused,
	}
}

// AddressOf returns the address that the conversation has from the event on. Ok is false
// when the event is not that of a message.
func AddressOf(e *channels.Event) (address string, ok bool) {
	if e.Kind != channels.EventMessage || e.Message == nil {
		return "", false
	}
	return e.Message.Address, true
}

// PageOf returns the page of events above the cursor after. The list begins with the row that
// has the first of them, and holds more events than the limit when there are more; full says
// that it ended before, for its size. Newest is the newest cursor that there was when the list
// was read.
func PageOf(list []channels.Event, full bool, after, newest int64, limit int) EventPage {
	for len(list) > 0 && list[0].Cursor <= after {
		list = list[1:]
	}
	switch {
	case len(list) <= limit && !full:
		return EventPage{Events: list, Next: max(after, newest)}
	case len(list) < limit:
		limit = len(list)
	}
	page := EventPage{Events: list[:limit], Next: after, More: true}
	if limit > 0 {
		page.Next = list[limit-1].Cursor
	}
	return page
}

// Lets reports whether the filter lets an event through.
func (f EventFilter) Lets(e *channels.Event) bool {
	return (f.Channel == "" || f.Channel == e.Channel) && (f.Sender == "" || f.Sender == e.Sender)
}
