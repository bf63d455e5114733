package servicetest

import (
	"context"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// BlockingAgent answers each message with its text, once the test releases it.
type BlockingAgent struct {
	Began   chan string   // gets the text of each turn that begins
	Release chan struct{} // each receive lets one turn end
}

// NewBlockingAgent returns an agent for up to 200 turns of which nobody reads Began.
func NewBlockingAgent() *BlockingAgent {
	return &BlockingAgent{Began: make(chan string, 200), Release: make(chan struct{})}
}

// Answer waits for Release, or for the end of ctx.
func (a *BlockingAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	a.Began <- t.Message.Text
	select {
	case <-a.Release:
		return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ agents.Agent = (*BlockingAgent)(nil)
