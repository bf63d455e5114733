package servicetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Script answers a message. N counts the turns of that message, from 1.
type Script func(ctx context.Context, t agents.Turn, r channels.Replier, n int) error

// ScriptedAgent runs Script for messages with the text "one" and echoes the others.
type ScriptedAgent struct {
	// Script may be nil: then all messages are echoed.
	Script Script

	mu    sync.Mutex
	began map[string][]time.Time // by the id of the message
}

// Answer runs the script, or echoes.
func (a *ScriptedAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	n := a.begin(t.Message.ID)
	if a.Script != nil && t.Message.Text == Private+"one" {
		return a.Script(ctx, t, r, n)
	}
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

func (a *ScriptedAgent) begin(id string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.began == nil {
		a.began = map[string][]time.Time{}
	}
	a.began[id] = append(a.began[id], time.Now())
	return len(a.began[id])
}

// Runs returns when the turns of a message began.
func (a *ScriptedAgent) Runs(id string) []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.began[id])
}

// FailTurns returns a script that fails the first turns of a message, each after some
// replies. Later turns reply "at last".
func FailTurns(times int, err error, texts ...string) Script {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier, n int) error {
		if n > times {
			return r.Reply(ctx, channels.Reply{Text: Private + "at last"})
		}
		for _, text := range texts {
			if err := r.Reply(ctx, channels.Reply{Text: Private + text}); err != nil {
				return err
			}
		}
		return err
	}
}

var _ agents.Agent = (*ScriptedAgent)(nil)
