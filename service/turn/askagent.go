package turn

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// enterAsk counts a caller at the agent of its message, until leave. It fails when no agent
// would answer now, unless the conversation is paused: then none is asked. With several agents
// each has its share of the callers, so that one that hangs leaves room for the others'.
func (x *Executor) enterAsk(ctx context.Context, m *channels.Message) (leave func(), err error) {
	s, c := x.agents.Load(), x.chainOf(m)
	if open := c.check(); open != nil {
		if paused, err := x.Locks.IsPaused(ctx, m.Conversation()); err != nil || !paused {
			return nil, open
		}
	}
	agents := len(s.list)
	if agents == 1 {
		return func() {}, nil
	}
	first := c.list[0]
	if first.asking.Add(1) > int64(max(1, x.Limits.Load().Asks/agents)) {
		first.asking.Add(-1)
		return nil, instance.ErrTooManyAsks
	}
	return func() { first.asking.Add(-1) }, nil
}

// admitAsk returns the agent that answers a message whose caller waits, once it has a place.
func (x *Executor) admitAsk(ctx context.Context, m *channels.Message, deadline time.Time) (admitted, error) {
	a, refused := x.admit(m)
	if refused != nil {
		return admitted{}, refused
	}
	if err := x.takePlace(ctx, a, deadline); err != nil {
		a.breaker.withdraw(a.probe)
		a.Leave()
		return admitted{}, err
	}
	return a, nil
}

// takePlace takes a place of an agent that has so many, for a message whose caller waits.
func (x *Executor) takePlace(ctx context.Context, a admitted, deadline time.Time) error {
	if a.Concurrency == 0 {
		return nil
	}
	waiting := newLazyContext(ctx, deadline)
	defer waiting.end()
	switch {
	case a.places.take(waiting, nil, a.Concurrency):
		return nil
	case ctx.Err() != nil:
		return channels.AsError(context.Cause(ctx))
	}
	return errAgentFull
}

var errAgentFull = &channels.Error{
	Code: channels.CodeOverloaded, Reason: channels.ReasonAgentOverloaded, RetryAfter: instance.RetryAfter,
	Message: "the agent has as many turns as it may",
}

// leaveAsk ends what admitAsk began.
func (x *Executor) leaveAsk(a admitted) {
	x.givePlace(a)
	a.Leave()
}

// givePlace gives back what takePlace has taken.
func (x *Executor) givePlace(a admitted) {
	if a.Concurrency > 0 {
		a.places.give(a.Concurrency)
	}
}

// withdraw ends what admitAsk began for a message that is not answered.
func (x *Executor) withdraw(a admitted) {
	a.breaker.withdraw(a.probe)
	x.leaveAsk(a)
}

// runInTurn has an agent answer, and when the message cannot reach it the next of its chain
// that is not down. It reports how many replies were shown.
func (x *Executor) runInTurn(ctx context.Context, a admitted, r *relay) (shown int, err error) {
	keepPlace := r.keepPlace
	for {
		r.agent, r.probe = a.agentInUse, a.probe
		leave := func() { x.leaveAsk(a) }
		r.keepPlace = func() (release func()) {
			ofCaller, ofAgent := keepPlace(), a
			leave = ofAgent.Leave // its place is given back with the call
			return func() { ofCaller(); x.givePlace(ofAgent) }
		}
		err := x.runOne(ctx, a, r)
		next, ok := admitted{}, false
		if ctx.Err() == nil && r.saidNothing() {
			next, ok = x.next(ctx, a, err)
		}
		leave()
		if !ok {
			return r.shown, err
		}
		a = next
		r = &relay{in: r.in, m: r.m, to: r.to, events: r.events, attempt: r.attempt}
	}
}

// runOne runs the turn of one agent of a chain. One that is alone has all the time of ctx.
func (x *Executor) runOne(ctx context.Context, a admitted, r *relay) error {
	if len(a.chain.list) == 1 {
		return x.run(ctx, r)
	}
	bounded := newLazyContext(ctx, time.Now().Add(a.AgentTimeout))
	defer bounded.end()
	return x.run(bounded, r)
}

// next returns the agent that answers in place of one that the message did not reach, with a
// place, ok when there is one.
func (x *Executor) next(ctx context.Context, a admitted, err error) (next admitted, ok bool) {
	if !a.chain.passesOn(a.agentInUse, err) {
		return admitted{}, false
	}
	next, refused, gone := a.chain.admit(a.chain.behind(a.agentInUse))
	if refused != nil || gone {
		return admitted{}, false
	}
	if x.takePlace(ctx, next, time.Now().Add(next.AgentTimeout)) != nil {
		next.breaker.withdraw(next.probe)
		next.Leave()
		return admitted{}, false
	}
	return next, true
}

// longest is how long a turn may take that goes through the rest of the chain.
func (a admitted) longest() (d time.Duration) {
	for _, next := range a.chain.behind(a.agentInUse) {
		d += next.AgentTimeout
	}
	return a.AgentTimeout + d
}
