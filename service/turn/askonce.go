package turn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// elsewherePause is the time between two looks at a turn that runs in another replica.
const elsewherePause = 100 * time.Millisecond

// AskOnce answers a message to which its caller gave an id: however often it is asked,
// it has one turn that shows anything. A repeat joins the turn that runs, or gets the
// recorded replies of one that has ended. The turn goes on when the caller goes away,
// unless its place is needed for another's. Said is the text as it came, of which the
// message's may be made: a repeat says the same. When a turn that showed nothing is run
// again, it is with what the repeat means by now.
func (x *Executor) AskOnce(ctx context.Context, in *instance.Instance, m *channels.Message, said string, r channels.Replier) error {
	came := *m
	came.Text = said
	digest, err := digestOf(came)
	if err != nil {
		return channels.Errorf(channels.CodeInvalid, "the message has no JSON form: %v", err)
	}
	entry := journal.Entry{Message: *m, Window: in.Window()}
	o := askOnce{x: x, in: in, entry: entry, live: channels.IsLive(r), arrived: time.Now()}
	key := entry.Key()
	a, joined := x.inFlight.join(key, digest, x.Limits.Load().Asks, func(a *inFlightAsk) error {
		if in.EnterLate() { // the turn outlives its caller
			defer in.Leave()
		}
		return o.run(context.WithoutCancel(ctx), a)
	})
	switch {
	case a == nil:
		return in.Metrics.Refused(instance.ErrTooManyAsks, 1)
	case a.digest != digest:
		x.inFlight.leave(a)
		return otherBody(key)
	}
	defer x.inFlight.leave(a)
	if joined {
		in.Exchanges.Note(ctx, duplicateOf(m))
	}
	bounded, cancel := context.WithTimeout(ctx, x.ResponseTimeout)
	defer cancel()
	return a.follow(bounded, r)
}

// duplicateOf is a repeat of a message, for the channel's log.
func duplicateOf(m *channels.Message) channels.Exchange {
	return channels.Exchange{Verdict: channels.VerdictDuplicate, Sender: m.Sender, Message: m.Text}
}

func otherBody(k journal.Key) error {
	return channels.Errorf(channels.CodeAlreadyExists, "message_id %s: was used for another message of this sender", k.ID)
}

// askOnce runs the turn of an asked message, unless its outcome is known.
type askOnce struct {
	x     *Executor
	in    *instance.Instance
	entry journal.Entry
	live  bool

	arrived time.Time
	// attempt is 2 when an earlier turn of the message has failed.
	attempt int
	// base ends with the program. The turn's ctx also ends when its place is needed or its
	// claim lost, by end, and when it was stopped: what was shown by then is still recorded,
	// until lasting ends.
	base, lasting context.Context
	end           context.CancelCauseFunc
}

// run runs the turn, which ends with the program at the latest.
func (o *askOnce) run(ctx context.Context, a *inFlightAsk) error {
	base, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(o.x.Base, func() { end(context.Cause(o.x.Base)) })()
	o.base = base
	o.lasting, o.end = context.WithCancelCause(base)
	defer o.end(nil)
	ctx, stop := context.WithCancelCause(o.lasting)
	defer stop(nil)
	defer context.AfterFunc(a.told, func() {
		switch cause := context.Cause(a.told); {
		case errors.Is(cause, errStopped):
			stop(cause)
		default:
			o.end(cause)
		}
	})()
	return o.answer(ctx, a)
}

// answer looks up the outcome of an earlier turn before it waits for the lock: a repeat
// of what is answered already waits for nobody. Begin looks again, under the lock.
func (o *askOnce) answer(ctx context.Context, a *inFlightAsk) error {
	known, err := o.x.Asked.Recall(ctx, a.key)
	if err != nil {
		return o.in.NotStored(ctx, o.x.Log, err)
	}
	if known != nil && !mayRunAgain(known, a) {
		return o.replay(ctx, a, known)
	}
	if o.attempt = 1; known != nil {
		o.attempt = 2
	}
	if err := o.x.Capacity.CheckDisk(ctx); err != nil {
		return err
	}
	leave, err := o.x.enterAsk(ctx, &o.entry.Message)
	if err != nil {
		return o.in.Metrics.Refused(err, 1)
	}
	defer leave()
	lock, err := o.x.acquire(ctx, o.entry.Message.Conversation(), o.arrived.Add(o.x.ResponseTimeout))
	if err != nil {
		return o.in.Metrics.Refused(err, 1)
	}
	defer lock.Release()
	if lock.Paused {
		return o.record(ctx, a, lock)
	}
	agent, err := o.x.admitAsk(ctx, &o.entry.Message, o.arrived.Add(o.x.ResponseTimeout))
	if err != nil {
		return o.in.Metrics.Refused(err, 1)
	}
	o.in.Metrics.Begun(o.arrived)
	claim, known, err := o.x.Asked.Begin(ctx, lock, o.entry, a.digest[:])
	switch {
	case err != nil:
		o.x.withdraw(agent)
		return o.in.NotStored(ctx, o.x.Log, err)
	case known != nil:
		o.x.withdraw(agent)
		return o.replay(ctx, a, known)
	}
	return o.turn(ctx, a, claim, agent)
}

// record is the turn of a message of a paused conversation: it is answered with nothing.
func (o *askOnce) record(ctx context.Context, a *inFlightAsk, lock journal.Lock) error {
	o.in.Metrics.Begun(o.arrived)
	claim, known, err := o.x.Asked.Begin(ctx, lock, o.entry, a.digest[:])
	switch {
	case err != nil:
		return o.in.NotStored(ctx, o.x.Log, err)
	case known != nil:
		return o.replay(ctx, a, known)
	}
	step := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
	err = worker.Commit(o.base, o.x.Log, func(ctx context.Context) error { return o.x.Asked.SettleAsk(ctx, claim, step) })
	if err != nil {
		return o.in.NotStored(ctx, o.x.Log, err)
	}
	o.x.Media.Release(o.base, &o.entry.Message)
	return nil
}

// mayRunAgain reports whether a turn that is known may begin anew.
func mayRunAgain(known *journal.Known, a *inFlightAsk) bool {
	return known.State == journal.StateFailed && bytes.Equal(known.Digest, a.digest[:])
}

// turn has the agent answer and records the outcome before any caller learns it.
func (o *askOnce) turn(ctx context.Context, a *inFlightAsk, claim journal.Asked, agent admitted) error {
	m := &o.entry.Message
	settle := func(ctx context.Context, step journal.Step) error {
		err := o.x.Asked.SettleAsk(ctx, claim, step)
		if errors.Is(err, journal.ErrFenced) {
			o.end(errClaimLost)
		}
		return err
	}
	deadline := time.Now().Add(agent.longest())
	lasting := newLazyContext(o.lasting, deadline)
	defer lasting.end()
	w := &recordingReplier{m: m, live: o.live, ask: a, committer: committer{base: o.base, turn: lasting, commit: settle, log: o.x.Log}}
	r := &relay{in: o.in, m: m, to: w, attempt: o.attempt, keepPlace: o.x.inFlight.keep}
	bounded := newLazyContext(ctx, deadline)
	defer bounded.end()
	_, err := o.x.runInTurn(bounded, agent, r)
	shows, err := w.committer.close(err)
	step, then := w.committer.take()
	step.End = &journal.End{Outcome: journal.OutcomeDone}
	if err != nil {
		outcome := askOutcome(o.base, shows, err)
		step.End = &journal.End{Outcome: outcome, Reason: channels.AsError(err).Code.String()}
		step.Events = append(step.Events, failureEvent(m, outcomeOf(shows || errors.Is(err, errStopped)), reasonOf(err)))
	}
	if err := worker.Commit(o.base, o.x.Log, func(ctx context.Context) error { return settle(ctx, step) }); err != nil {
		e := *o.in.NotStored(ctx, o.x.Log, err)
		e.Code, e.Reason, e.RetryAfter = channels.CodeAborted, "", 0 // the agent has seen the message
		return &e
	}
	then()
	if step.End.Outcome != journal.OutcomeFailed { // a repeat may need them
		o.x.Media.Release(o.base, m)
	}
	return err
}

// replay gives those who follow what is known of an earlier turn. One that runs in
// another replica is looked at again until it has ended.
func (o *askOnce) replay(ctx context.Context, a *inFlightAsk, known *journal.Known) error {
	for {
		if !bytes.Equal(known.Digest, a.digest[:]) {
			return otherBody(a.key)
		}
		given := len(a.outputs)
		for _, parts := range known.Replies[min(given, len(known.Replies)):] {
			a.add(output{parts: parts})
		}
		if known.State != journal.StateRunning {
			o.in.Exchanges.Note(ctx, duplicateOf(&o.entry.Message))
			return o.replayed(known)
		}
		if err := worker.Sleep(ctx, elsewherePause); err != nil {
			return channels.AsError(context.Cause(ctx))
		}
		var err error
		if known, err = o.x.Asked.Recall(ctx, a.key); err != nil {
			return o.in.NotStored(ctx, o.x.Log, err)
		}
		if known == nil {
			return channels.Errorf(channels.CodeAborted, "the turn is not known any more")
		}
	}
}

// replayed is how an earlier turn ended.
func (o *askOnce) replayed(known *journal.Known) error {
	const hint = "(message_id %s); a new message_id asks anew"
	id := o.entry.Message.ID
	switch {
	case known.State == journal.StateFailed: // while this caller followed it
		return &channels.Error{
			Code: channels.CodeUnavailable, RetryAfter: instance.RetryAfter,
			Message: fmt.Sprintf("the turn failed before the assistant saw the message (message_id %s)", id),
		}
	case known.State == journal.StateInterrupted:
		return channels.Errorf(channels.CodeAborted, "an earlier turn of this message failed or was interrupted "+hint, id)
	case known.Forgotten:
		return channels.Errorf(channels.CodeAborted, "this message was answered, and the replies are not kept any more "+hint, id).
			Because(channels.ReasonRepliesNotKept)
	}
	return nil
}
