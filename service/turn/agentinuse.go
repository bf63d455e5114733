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
