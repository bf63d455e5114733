package turn

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

const (
	// parkedTime is how long a stored message waits for a place of its agent before it is put
	// back: a conversation that is paused meanwhile is noticed then.
	parkedTime = 10 * time.Second
	// maxFullPause is about how long it is put back at most.
	maxFullPause = 30 * time.Second
)

// hasPlaces reports whether the stored messages of an agent take places of its own. With one
// agent alone the workers are bound enough.
func (x *Executor) hasPlaces(a *agentInUse) bool {
	return a.Concurrency > 0 || len(x.agents.Load().list) > 1
}

// placesOf is how many turns of an agent run at once.
func (x *Executor) placesOf(a *agentInUse) int { return cmp.Or(a.Concurrency, x.Limits.Load().Turns) }

// handOver answers a stored message by an agent that has places of its own, which agent.Leave
// ends. It does not wait: the worker is free for the messages of other agents. Of those that
// would wait for a place, too many are put back.
func (x *Executor) handOver(ctx context.Context, t journal.Turn, c *chain, agent *agentInUse) {
	if agent.parked.Add(1) > int64(x.Limits.Load().Turns) {
		defer agent.Leave()
		agent.parked.Add(-1)
		x.putBackFull(ctx, &t)
		return
	}
	x.handedOver.Go(func() {
		defer agent.Leave()
		taken := x.park(ctx, agent)
		agent.parked.Add(-1)
		if !taken {
			x.putBackFull(ctx, &t)
			return
		}
		defer agent.places.give(x.placesOf(agent))
		x.answerBy(ctx, t, c, agent)
	})
}

// park waits for a place until the program drains, or for parkedTime.
func (x *Executor) park(ctx context.Context, agent *agentInUse) (taken bool) {
	if x.InFlight.IsDraining() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, parkedTime)
	defer cancel()
	return agent.places.take(ctx, x.InFlight.Draining(), x.placesOf(agent))
}

// putBackFull puts back a message whose agent has too much to do. The pause grows with the
// message's age.
func (x *Executor) putBackFull(ctx context.Context, t *journal.Turn) {
	at := time.Now()
	if !x.InFlight.IsDraining() {
		longest := min(time.Since(t.Stored)/4, maxFullPause)
		at = at.Add(putBackPause + rand.N(longest+putBackPause)) //nolint:gosec // jitter needs no secrecy
	}
	x.putBack(ctx, t, at, "the agent has as many turns as it may")
}
