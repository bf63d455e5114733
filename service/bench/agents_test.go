package bench_test

import (
	"context"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// BenchmarkAgents compares the turns of an agent beside another that hangs, and gets more messages
// than it may have turns, with those beside one that is done with the same messages at once: how
// long the slowest of a hundred waits for its reply, at 200 messages a second.
func BenchmarkAgents(b *testing.B) {
	compareHung(b, "p99-ratio", func(hung bool) float64 { return p99(b, true, besideAgent(hung)) })
}

// besideAgent has an agent that echoes, and another for the channel whose replies are not awaited.
func besideAgent(hung bool) (c service.Config) {
	other := agents.Func(func(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
		if hung {
			<-ctx.Done()
		}
		return ctx.Err()
	})
	c.Agents.List = []service.Agent{
		{Agent: &echo.Agent{}, AgentOptions: service.AgentOptions{AgentName: "quick"}},
		{Agent: other, AgentOptions: service.AgentOptions{AgentName: "other", Concurrency: 10}},
	}
	c.Agents.Router = agents.Router{OfChannel: map[string]string{"hung": "other"}, Default: "quick"}
	return c
}
