package turn

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Ask answers a message to which its caller gave no id, all within the response
// timeout. The replies go to r in order, as they come. What happened is written behind
// the answer.
func (x *Executor) Ask(ctx context.Context, in *instance.Instance, m *channels.Message, r channels.Replier) error {
	arrived := time.Now()
	deadline := arrived.Add(x.ResponseTimeout)
	leave, err := x.enterAsk(ctx, m) // before a wait that would be in vain
	if err != nil {
		return in.Metrics.Refused(err, 1)
	}
	defer leave()
	lock, err := x.acquire(ctx, m.Conversation(), deadline)
	if err != nil {
		return in.Metrics.Refused(err, 1)
	}
	defer lock.Release()
	if lock.Paused {
		in.Metrics.Begun(arrived)
		x.events.newTurn().append(ctx, journal.MessageEvent(m))
		return nil
	}
	agent, err := x.admitAsk(ctx, m, deadline)
	if err != nil {
		return in.Metrics.Refused(err, 1)
	}
	in.Metrics.Begun(arrived)

	if limit := time.Now().Add(agent.longest()); limit.Before(deadline) {
		deadline = limit
	}
	bounded := newLazyContext(ctx, deadline)
	defer bounded.end()
	events := x.events.newTurn()
	t := &relay{in: in, m: m, to: r, events: events, attempt: 1, keepPlace: x.InFlight.Keep}
	events.append(bounded, journal.MessageEvent(m))
	shown, err := x.runInTurn(bounded, agent, t)
	if err != nil {
		events.append(bounded, failureEvent(m, outcomeOf(shown > 0), reasonOf(err)))
	}
	return err
}

var (
	errStillWaiting = &channels.Error{
		Code: channels.CodeUnavailable, Message: "earlier messages of this conversation are still being answered",
	}
	errQueueFull = &channels.Error{
		Code: channels.CodeRateLimited, RetryAfter: instance.RetryAfter, Message: "too many messages of this conversation are waiting",
	}
)

// acquire waits for the conversation's lock until the deadline. No turn of the
// conversation runs in this process any more when it returns.
func (x *Executor) acquire(ctx context.Context, c channels.Conversation, deadline time.Time) (lock journal.Lock, err error) {
	waiting := newLazyContext(ctx, deadline)
	defer waiting.end()
	lock, err = x.Locks.Acquire(waiting, c, x.Limits.Load().AsksPerConversation)
	switch {
	case errors.Is(err, journal.ErrQueueFull):
		return lock, errQueueFull
	case err != nil && ctx.Err() != nil:
		return lock, channels.AsError(context.Cause(ctx))
	case errors.Is(err, context.DeadlineExceeded):
		return lock, errStillWaiting
	case err != nil:
		x.Log.Error("journal: no lock of the conversation", "error", err)
		return lock, &channels.Error{
			Code: channels.CodeUnavailable, Reason: channels.ReasonJournalUnavailable, RetryAfter: instance.RetryAfter, Message: "the journal does not answer now", Err: err,
		}
	case !time.Now().Before(deadline): // first at last, and too late
		lock.Release()
		return lock, errStillWaiting
	}
	x.running.endLost(c)
	return lock, nil
}
