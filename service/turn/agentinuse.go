package turn

import (
	"cmp"
	"log/slog"
	"sync/atomic"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/metrics"
)

// agentInUse is one who answers, and what holds it back, until a reload brings another. A turn
// keeps the one that it began with.
type agentInUse struct {
	agents.Agent
	AgentOptions
	*instance.Uses
	breaker breaker
	places  places
	metrics *metrics.Agent
	// inFlight counts the calls of Answer that have not returned.
	inFlight atomic.Int64
	// asking counts the callers whose messages it is to answer; parked the stored messages
	// that wait for one of its places.
	asking, parked atomic.Int64
}

func newAgentInUse(a agents.Agent, o AgentOptions, m *metrics.Metrics, log *slog.Logger) *agentInUse {
	o.AgentTimeout = cmp.Or(o.AgentTimeout, agents.DefaultTimeout)
	o.Repeat = cmp.Or(o.Repeat, agents.RepeatAlways)
	return &agentInUse{
		Agent: a, AgentOptions: o, Uses: instance.NewUses(), breaker: breaker{agent: o.AgentName, log: log}, metrics: m.Agent(o.AgentName),
	}
}

// state says how the agent is doing.
func (a *agentInUse) state() instance.AgentState {
	s := instance.AgentState{Name: a.AgentName, Type: a.AgentType, InFlight: int(a.inFlight.Load()), Concurrency: a.Concurrency}
	if h, open := a.breaker.hold(); open {
		s.Breaker = &h
	}
	return s
}

// meter counts what a turn of an agent costs.
type meter struct{ agent *metrics.Agent }

// Spend counts tokens.
func (m meter) Spend(cost agents.Tokens) { m.agent.Spent(cost.Prompt, cost.Completion) }

var _ agents.Meter = meter{}
