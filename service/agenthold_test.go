package service_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

// What holds an agent back is shown beside what holds channels back, and ended by name.
func TestHoldOfAnAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if !up.Load() {
				return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "no route"))
			}
			turn.Spend(agents.Tokens{Prompt: 9, Completion: 2})
			turn.Spend(agents.Tokens{Prompt: 1, Completion: -5})
			return r.Reply(ctx, channels.Reply{Text: turn.Message.Text})
		})
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: agent, AgentOptions: turn.AgentOptions{AgentName: "rasa"}})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		if holds := s.Holds(); len(holds) != 1 || holds[0].Agent != "rasa" || holds[0].State != instance.HoldOpen {
			t.Errorf("held back: %+v", holds)
		}
		s.CheckMetrics(t, `agent_breaker_open{agent="rasa"} 1`)
		up.Store(true)
		if !s.Resume("rasa") || s.Holds() != nil {
			t.Errorf("after Resume: %+v", s.Holds())
		}
		servicetest.Advance(time.Minute + 5*time.Second)
		if diff := cmp.Diff([]string{"one"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("accepted (-want +got):\n%s", diff)
		}
		s.CheckMetrics(t, `agent_breaker_open{agent="rasa"} 0`,
			`agent_tokens_total{agent="rasa",kind="prompt"} 10`, `agent_tokens_total{agent="rasa",kind="completion"} 2`)
	})
}
