package turn

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// agentInUse is who answers, and what holds it back, until a reload brings another. A turn
// keeps the one that it began with.
type agentInUse struct {
	agents.Agent
	AgentOptions
	*instance.Uses
	breaker breaker
}

func newAgentInUse(a agents.Agent, o AgentOptions, log *slog.Logger) *agentInUse {
	o.AgentTimeout = cmp.Or(o.AgentTimeout, agents.DefaultTimeout)
	o.Repeat = cmp.Or(o.Repeat, agents.RepeatAlways)
	return &agentInUse{
		Agent: a, AgentOptions: o, Uses: instance.NewUses(), breaker: breaker{agent: o.AgentName, log: log},
	}
}

// enterAgent returns the agent in use, which is not closed before Leave.
func (x *Executor) enterAgent() *agentInUse {
	for {
		if a := x.agent.Load(); a.Enter() {
			return a
		}
	}
}

// ReplaceAgent has another agent answer the turns that begin from now on. It returns the
// uses of the one before, retired: when they have ended, nothing calls that one any more.
func (x *Executor) ReplaceAgent(a agents.Agent, o AgentOptions) (before *instance.Uses) {
	old := x.agent.Swap(newAgentInUse(a, o, x.Log))
	old.Retire()
	return old.Uses
}

// RetireAgent returns the uses of the agent in use, retired. A turn that begins even so is
// answered by nobody.
func (x *Executor) RetireAgent() *instance.Uses {
	return x.ReplaceAgent(agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
		return agents.NotReached(instance.ErrDraining)
	}), AgentOptions{})
}

// TimeoutInUse bounds the turns that begin now.
func (x *Executor) TimeoutInUse() time.Duration { return x.agent.Load().AgentTimeout }
