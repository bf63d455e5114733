package turn

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// A turn that failed before it showed anything is run again, with growing pauses, until
// it has had both so many attempts and so much time.
const (
	maxAttempts = 5
	maxAge      = 10 * time.Minute
	firstPause  = time.Second
	maxPause    = 2 * time.Minute
	// maxRetryAfter is the longest pause that an agent can ask for.
	maxRetryAfter = 24 * time.Hour
)

// failureParts is where the parts of on_failure are numbered from: after a restart
// nobody knows how many came before them.
const failureParts = 1 << 20

// Answer runs one attempt of a stored message and settles it. Its channel must be one
// of those in use.
func (x *Executor) Answer(ctx context.Context, t journal.Turn) {
	in, err := x.Channels.Find(t.Message.Channel)
	if err != nil {
		x.Log.Error("turn not run", "channel", t.Message.Channel, "message_id", t.Message.ID, "error", err)
		return
	}
	p := &outboxReplier{in: in, turn: t, committer: committer{base: ctx, log: x.Log, commit: func(ctx context.Context, step journal.Step) error {
		return x.Inbox.Settle(ctx, t.Claim, step)
	}}}
	if t.Attempt == 1 {
		in.Metrics.Begun(t.Stored)
	}
	err = x.attempt(ctx, p)
	step := x.end(ctx, p, err)
	err = worker.Commit(ctx, x.Log, func(ctx context.Context) error { return x.Inbox.Settle(ctx, t.Claim, step) })
	if err != nil {
		x.Log.Error("turn not settled", "channel", in.Name, "message_id", t.Message.ID, "error", err)
		return
	}
	if o := step.End.Outcome; o == journal.OutcomeFailed || o == journal.OutcomeInterrupted {
		in.Metrics.DeadLetter(string(o))
		x.Log.Warn("message given up", "channel", in.Name, "message_id", t.Message.ID, "kind", string(o))
	}
}

// attempt has the agent answer, unless an earlier attempt has shown something.
func (x *Executor) attempt(ctx context.Context, p *outboxReplier) error {
	if p.turn.Shown > 0 {
		return channels.Errorf(channels.CodeInternal, "the program ended in the middle of the turn")
	}
	bounded, cancel := context.WithTimeout(ctx, x.AgentTimeout)
	defer cancel()
	p.committer.turn = bounded
	return x.run(bounded, &relay{in: p.in, m: &p.turn.Message, to: p})
}

// end decides the outcome of the turn and returns the step that ends it. A turn that
// has shown something is never run again by itself.
func (x *Executor) end(ctx context.Context, p *outboxReplier, err error) journal.Step {
	step, _, shows, err := p.committer.close(err)
	shows = shows || p.turn.Shown > 0
	if err == nil {
		step.End = &journal.End{Outcome: journal.OutcomeDone}
		return step
	}
	e := channels.AsError(err)
	spent := p.turn.Attempt >= maxAttempts && time.Since(p.turn.Stored) >= maxAge
	switch {
	case shows:
		x.giveUp(p, &step, journal.OutcomeInterrupted, e)
	case ctx.Err() != nil: // given back: not the turn's fault
		step.End = &journal.End{Outcome: journal.OutcomeRetry, At: time.Now(), Reason: "the program was stopped"}
	case spent || e.Code.IsPermanent():
		x.giveUp(p, &step, journal.OutcomeFailed, e)
	default:
		wait := max(worker.Backoff(p.turn.Attempt, firstPause, maxPause), min(e.RetryAfter, maxRetryAfter))
		step.End = &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(wait), Reason: e.Code.String()}
	}
	return step
}

// giveUp ends the turn for good; the user gets the sentence of on_failure.
func (x *Executor) giveUp(p *outboxReplier, step *journal.Step, o journal.Outcome, e *channels.Error) {
	m := &p.turn.Message
	step.End = &journal.End{Outcome: o, Reason: e.Code.String() + ": " + e.Message}
	step.Events = append(step.Events, failureEvent(m, o, e))
	if p.in.OnFailure == "" {
		return
	}
	p.parts = failureParts
	reply := channels.Reply{RecipientID: m.Sender, Text: p.in.OnFailure}
	parts, err := p.partsOf(reply)
	if err != nil {
		x.Log.Error("on_failure not sent", "channel", p.in.Name, "message_id", m.ID, "error", err)
		return
	}
	step.Parts = append(step.Parts, parts...)
	step.Events = append(step.Events, replyEvent(m, []channels.Reply{reply}))
}
