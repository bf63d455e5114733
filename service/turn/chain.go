package turn

import (
	"slices"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// chain is who answers a message: the agent that it is routed to, and behind it the fallbacks,
// each of which answers while the breakers of all before it are open.
type chain struct {
	list []*agentInUse
	// repeat is the strictest of all: nobody knows after a crash who had the message.
	repeat agents.Repeat
}

// newChain follows the fallbacks. A loop ends it.
func newChain(first *agentInUse, byName map[string]*agentInUse) *chain {
	c := &chain{repeat: first.Repeat}
	for a := first; a != nil && !slices.Contains(c.list, a); a = byName[a.Fallback] {
		c.list = append(c.list, a)
		c.repeat = stricter(c.repeat, a.Repeat)
		if a.Fallback == "" {
			break
		}
	}
	return c
}

// stricter returns the one of two that runs fewer messages again.
func stricter(a, b agents.Repeat) agents.Repeat {
	order := []agents.Repeat{agents.RepeatAlways, agents.RepeatCrash, agents.RepeatNever}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// pick returns the first agent whose breaker lets turns begin, or else the first of all.
func (c *chain) pick() *agentInUse {
	for _, a := range c.list {
		if a.breaker.check() == nil {
			return a
		}
	}
	return c.list[0]
}

// check returns why nobody would answer now, nil when somebody would.
func (c *chain) check() error { return c.pick().breaker.check() }

// behind returns the agents behind one of them.
func (c *chain) behind(a *agentInUse) []*agentInUse { return c.list[slices.Index(c.list, a)+1:] }

// passesOn reports whether a message that did not reach an agent is for the next one at once:
// the breaker of the agent is open now, and that of a later one is not.
func (c *chain) passesOn(a *agentInUse, err error) bool {
	if !agents.IsNotReached(err) || a.breaker.check() == nil {
		return false
	}
	return slices.ContainsFunc(c.behind(a), func(next *agentInUse) bool { return next.breaker.check() == nil })
}

// wasCut reports whether the program died, or lost its claim, in more of the earlier
// attempts than repeat allows.
func (c *chain) wasCut(attempt int, age time.Duration) bool {
	switch c.repeat {
	case agents.RepeatNever:
		return attempt > 1
	case agents.RepeatCrash: // no other attempt is counted and run again
		return attempt > maxAttempts
	}
	return attempt > maxAttempts && tooSoon(attempt, age)
}

// admitted is an agent that has let a turn begin. Leave must follow, and the breaker's leave or
// withdraw before it.
type admitted struct {
	*agentInUse
	chain *chain
	// probe is not 0 when the turn is the breaker's probe.
	probe int
}

// enterAgent returns the agent that is to answer a stored message, which is not closed before
// Leave.
func (x *Executor) enterAgent(m *channels.Message) (*chain, *agentInUse) {
	for {
		c := x.chainOf(m)
		if a := c.pick(); a.Enter() {
			return c, a
		}
	}
}

// admit returns the first agent for a message whose breaker lets the turn begin now, or why
// none does.
func (x *Executor) admit(m *channels.Message) (admitted, *channels.Error) {
	for {
		c := x.chainOf(m)
		a, refused, gone := c.admit(c.list)
		if !gone { // else a reload has brought others
			return a, refused
		}
	}
}

// admit is Executor.admit for a part of the chain; gone says that one is not in use any more.
func (c *chain) admit(list []*agentInUse) (a admitted, refused *channels.Error, gone bool) {
	for _, a := range list {
		if !a.Enter() {
			return admitted{}, nil, true
		}
		probe, no := a.breaker.enter()
		if no == nil {
			return admitted{a, c, probe}, nil, false
		}
		a.Leave()
		if refused == nil {
			refused = no
		}
	}
	return admitted{}, refused, false
}
