package turn

import (
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// history is the record of a conversation that the agent may read during a turn.
type history struct {
	events *eventWriter
	stored Events
	media  Media
	relay  *relay
}

// History returns the last n messages and replies of earlier turns. An id that was used
// before its window names another message; within it all events are of this one.
func (h *history) History(ctx context.Context, n int) ([]channels.Event, error) {
	m := h.relay.m
	if err := h.events.flush(ctx, m.Conversation()); err != nil {
		return nil, err
	}
	h.relay.mu.Lock()
	own := 1 + h.relay.shown
	h.relay.mu.Unlock()
	events, err := h.stored.History(ctx, m.Conversation(), n+own)
	if err != nil {
		return nil, err
	}
	earlier := withoutTurn(events, m.ID, time.Now().Add(-h.relay.in.Window()))
	return earlier[max(0, len(earlier)-n):], nil
}

// Flush returns once what was said in a conversation, and is still to be written, is committed.
func (x *Executor) Flush(ctx context.Context, c channels.Conversation) error {
	return x.events.flush(ctx, c)
}

// withoutTurn deletes the events of the turn that runs: those that have its id and follow
// its message, or are younger than the window.
func withoutTurn(events []channels.Event, id string, windowBegan time.Time) []channels.Event {
	own := func(e channels.Event) bool { return e.MessageID == id }
	began := len(events)
	for i, e := range events {
		if own(e) && e.Kind == channels.EventMessage {
			began = i // the last counts
		}
	}
	earlier := slices.DeleteFunc(slices.Clone(events[:began]), func(e channels.Event) bool { return own(e) && e.Time.After(windowBegan) })
	return append(earlier, slices.DeleteFunc(slices.Clone(events[began:]), own)...)
}

var _ agents.Record = (*history)(nil)
