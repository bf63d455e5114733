package openai

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/agents"
)

// Usage is what answers cost, in tokens, as the server counts them.
type Usage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
}

// usageTotal adds up what all answers of an agent cost.
type usageTotal struct {
	mu    sync.Mutex
	total Usage
}

// add adds what one answer cost and returns the sum.
func (u *usageTotal) add(cost Usage) Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total.Prompt += cost.Prompt
	u.total.Completion += cost.Completion
	return u.total
}

// Usage returns what all answers so far have cost. It counts what servers tell: nothing of an
// answer that broke off, and nothing at all of a server that knows no stream_options.
func (a *Agent) Usage() Usage { return a.usage.add(Usage{}) }

// countUsage counts and logs what an answer cost.
func (a *Agent) countUsage(ctx context.Context, t agents.Turn, cost Usage) {
	if cost == (Usage{}) {
		return
	}
	t.Spend(agents.Tokens{Prompt: max(0, cost.Prompt), Completion: max(0, cost.Completion)})
	total := a.usage.add(cost)
	a.log.DebugContext(ctx, "agent openai: tokens used", "channel", t.Message.Channel, "prompt_tokens", cost.Prompt,
		"completion_tokens", cost.Completion, "total_prompt_tokens", total.Prompt, "total_completion_tokens", total.Completion)
}
