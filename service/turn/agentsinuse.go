package turn

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Agents are several agents, and which of them answers a message.
type Agents struct {
	// List has at least one. Their names differ, and a fallback is the name of one of them.
	List   []Agent
	Router agents.Router
}

// Agent is one of several agents.
type Agent struct {
	agents.Agent
	AgentOptions
	// Kept says that the agent in use that has this name goes on.
	Kept bool
}

// Retired is an agent that is not in use any more. When its uses have ended, nothing calls it.
type Retired struct {
	Name  string
	Agent agents.Agent
	Uses  *instance.Uses
}

// agentsInUse are the agents that answer until a reload brings others. It is not changed.
type agentsInUse struct {
	list   []*agentInUse
	router agents.Router
	// chains are by the name of their first agent.
	chains map[string]*chain
}

// newAgentsInUse takes those over that are kept, with all that holds them back.
func (x *Executor) newAgentsInUse(as Agents, before *agentsInUse) *agentsInUse {
	s := &agentsInUse{router: as.Router, chains: map[string]*chain{}}
	byName := map[string]*agentInUse{}
	for _, a := range as.List {
		var in *agentInUse
		if c := before.chain(a.AgentName); a.Kept && c != nil {
			in = c.list[0]
		} else {
			in = newAgentInUse(a.Agent, a.AgentOptions, x.Metrics, x.Log)
		}
		s.list = append(s.list, in)
		byName[in.AgentName] = in
	}
	for _, a := range s.list {
		s.chains[a.AgentName] = newChain(a, byName)
	}
	return s
}

// chain returns the chain of an agent, nil of a name that is not in use.
func (s *agentsInUse) chain(name string) *chain {
	if s == nil {
		return nil
	}
	return s.chains[name]
}

// has reports whether an agent is in use.
func (s *agentsInUse) has(a *agentInUse) bool {
	c := s.chain(a.AgentName)
	return c != nil && c.list[0] == a
}

// chainOf returns who answers a message.
func (x *Executor) chainOf(m *channels.Message) *chain {
	s := x.agents.Load()
	if len(s.list) > 1 {
		if c := s.chain(s.router.Route(m)); c != nil {
			return c
		}
	}
	return s.chains[s.list[0].AgentName]
}

// ReplaceAgents has others answer the turns that begin from now on. It returns those that are
// not in use any more.
func (x *Executor) ReplaceAgents(as Agents) (gone []Retired) {
	before := x.agents.Load()
	now := x.newAgentsInUse(as, before)
	x.agents.Store(now)
	for _, a := range before.list {
		if !now.has(a) {
			a.Retire()
			gone = append(gone, Retired{a.AgentName, a.Agent, a.Uses})
		}
	}
	return gone
}

// RetireAgents returns the agents in use, retired. A turn that begins even so is answered by
// nobody.
func (x *Executor) RetireAgents() []Retired {
	return x.ReplaceAgents(Agents{List: []Agent{{Agent: agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
		return agents.NotReached(instance.ErrDraining)
	})}}})
}

// AgentInUse returns the agent of a name, nil of one that is not in use.
func (x *Executor) AgentInUse(name string) agents.Agent {
	if c := x.agents.Load().chain(name); c != nil {
		return c.list[0].Agent
	}
	return nil
}

// TimeoutInUse bounds the turns that begin now, whoever answers them.
func (x *Executor) TimeoutInUse() (longest time.Duration) {
	for _, a := range x.agents.Load().list {
		longest = max(longest, a.AgentTimeout)
	}
	return longest
}

// Holds returns the circuit breakers that are open, each under its agent's name.
func (x *Executor) Holds() (holds []instance.Hold) {
	for _, a := range x.agents.Load().list {
		if h, open := a.breaker.hold(); open {
			holds = append(holds, h)
		}
	}
	return holds
}

// AgentStates returns how the agents in use are doing, in their order. One without a name, as
// that of RetireAgents, is nobody's to look at.
func (x *Executor) AgentStates() (states []instance.AgentState) {
	for _, a := range x.agents.Load().list {
		if a.AgentName != "" {
			states = append(states, a.state())
		}
	}
	return states
}

// Resume closes the breaker of an agent, and reports whether it was open. What was put
// back follows within a minute.
func (x *Executor) Resume(agent string) bool {
	c := x.agents.Load().chain(agent)
	return c != nil && c.list[0].breaker.resume()
}
