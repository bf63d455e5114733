package turn

import (
	"context"
	"slices"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// history is the record of a conversation that the agent may read during a turn.
type history struct {
	events *eventWriter
	stored Events
	relay  *relay
}

// History returns the last n messages and replies of earlier turns.
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
	events = slices.DeleteFunc(events, func(e channels.Event) bool { return e.MessageID == m.ID })
	return events[max(0, len(events)-n):], nil
}

var _ agents.Record = (*history)(nil)
