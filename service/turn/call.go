package turn

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/worker"
)

const (
	// leaveAfter is how long a call may outlive its ctx before it is left behind.
	leaveAfter = 5 * time.Second
	// quickTime is how long a call is waited for before its ctx is watched too. Most calls
	// are over by then, and their lazyContext makes no timer.
	quickTime = 100 * time.Millisecond
)

var (
	errLeftBehind = errors.New("agent: Answer has not returned although its time was over")
	errNoReturn   = errors.New("agent: Answer ended its goroutine")
)

// call is one call of an agent's Answer after another. They have a goroutine of their own,
// so that one that does not return can be left behind.
type call struct {
	turns chan callTurn // takes one value
	done  chan error    // takes one value
	timer *time.Timer
}

// callTurn is what a call is about.
type callTurn struct {
	ctx   context.Context
	relay *relay
}

// newCall starts the goroutine, which ends when turns is closed.
func (x *Executor) newCall() *call {
	c := &call{turns: make(chan callTurn, 1), done: make(chan error, 1), timer: time.NewTimer(time.Hour)}
	c.timer.Stop()
	go func() {
		for t := range c.turns {
			x.perform(t.ctx, t.relay, c.done)
		}
	}()
	return c
}

// answer calls the agent; a panic of it becomes its error. It returns 5 s after ctx's end
// at the latest: then the call is left behind, and what it still says is not let through.
func (x *Executor) answer(ctx context.Context, r *relay) error {
	c := x.calls.take()
	if c == nil {
		c = x.newCall()
	}
	r.agent.inFlight.Add(1)
	c.turns <- callTurn{ctx, r}
	if returned, err := c.await(ctx); returned {
		r.agent.inFlight.Add(-1)
		if !errors.Is(err, errNoReturn) { // else its goroutine has ended
			x.calls.put(c)
		}
		return err
	}
	x.leaveBehind(r, c)
	return errLeftBehind
}

// perform calls the agent and sends its error.
func (x *Executor) perform(ctx context.Context, r *relay, done chan<- error) {
	err := errNoReturn // of a goroutine that ends in the middle
	defer func() { done <- err }()
	err = func() (err error) {
		defer worker.Recover(&err)
		return r.agent.Answer(ctx, x.turnOf(r), r)
	}()
}

// turnOf returns a turn as the agent sees it.
func (x *Executor) turnOf(r *relay) agents.Turn {
	record := &history{events: x.events, stored: x.Events, media: x.Media, relay: r}
	return agents.Turn{
		Message: x.withLinks(r), Live: channels.IsLive(r.to), Attempt: r.attempt,
		Channel: agents.Channel{Type: r.in.Type.Name, Capabilities: r.in.Capabilities()},
		Hops:    instance.NextHops(r.m.Hops, r.agent.Program),
		Record:  record, Media: record, Meter: meter{r.agent.metrics},
	}
}

// await waits for the call, and no longer than leaveAfter after ctx's end. The error is
// the call's.
func (c *call) await(ctx context.Context) (returned bool, err error) {
	c.timer.Reset(quickTime)
	defer c.timer.Stop()
	select {
	case err = <-c.done:
		return true, err
	case <-c.timer.C:
	}
	select {
	case err = <-c.done:
		return true, err
	case <-ctx.Done():
	}
	c.timer.Reset(leaveAfter)
	select {
	case err = <-c.done:
		return true, err
	case <-c.timer.C:
		return false, nil
	}
}

// leaveBehind counts a call until it returns. Its place stays taken as long.
func (x *Executor) leaveBehind(r *relay, c *call) {
	x.Log.Error("agent call left behind: it ignores that its time is over", "agent", r.agent.AgentName,
		"channel", r.m.Channel, "conversation", instance.ConversationHash(r.m.Conversation()), "message_id", r.m.ID)
	x.leftBehind.Add(1)
	r.agent.EnterLate() // the turn has entered
	release := r.keepPlace()
	go func() { // Serve does not wait for it
		err := <-c.done
		close(c.turns)
		x.Log.Info("agent call returned that was left behind", "agent", r.agent.AgentName, "message_id", r.m.ID, "error", err)
		x.leftBehind.Add(-1)
		r.agent.inFlight.Add(-1)
		r.agent.Leave()
		release()
	}()
}

// LeftBehind returns how many calls of the agent have not returned although their time
// was over.
func (x *Executor) LeftBehind() int64 { return x.leftBehind.Load() }
