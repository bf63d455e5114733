package servicetest

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// NthTurn answers the nth turn of an agent, counted from 1.
type NthTurn func(ctx context.Context, n int, r channels.Replier) error

// CountingAgent answers with a script and counts its turns.
type CountingAgent struct {
	Script NthTurn

	mu    sync.Mutex
	turns int
}

// Answer runs the script.
func (a *CountingAgent) Answer(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	a.mu.Lock()
	a.turns++
	n := a.turns
	a.mu.Unlock()
	return a.Script(ctx, n, r)
}

// Turns returns how many turns have begun.
func (a *CountingAgent) Turns() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.turns
}

var _ agents.Agent = (*CountingAgent)(nil)
