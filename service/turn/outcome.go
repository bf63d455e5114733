package turn

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// A turn that has shown nothing is run again with growing pauses, as far as the agent's
// Repeat allows, until it has had both so many attempts and so much time.
const (
	maxAttempts = 5
	maxAge      = 10 * time.Minute
	firstPause  = time.Second
	maxPause    = 2 * time.Minute
	// maxRetryAfter is the longest pause that an agent can ask for.
	maxRetryAfter = time.Hour
)

// What is wrong with a turn that the agent is not asked about.
var (
	errCut   = channels.Errorf(channels.CodeAborted, "the program ended in the middle of the turn").Because(channels.ReasonProgramEnded)
	errStale = channels.Errorf(channels.CodeDeadlineExceeded, "it waited longer than stale_after")
)

// ending is how an attempt at a stored message ends.
type ending struct {
	outcome journal.Outcome
	// at is when a message that stays in the inbox is due again.
	at time.Time
	// why is the error; nil when the message was answered.
	why *channels.Error
}

// isDead reports whether the message becomes a dead letter.
func (e *ending) isDead() bool {
	switch e.outcome { // the others do not
	case journal.OutcomeFailed, journal.OutcomeInterrupted, journal.OutcomeExpired:
		return true
	}
	return false
}

// isStopped reports whether the turn was stopped: the message is answered by what was shown.
func (e *ending) isStopped() bool { return e.why == errStopped }

// tellsUser reports whether the user gets the sentence of on_failure. After a day nobody
// waits for it any more.
func (e *ending) tellsUser() bool { return e.isDead() && e.outcome != journal.OutcomeExpired }

// reason is the reason of the dead letter and of its event.
func (e *ending) reason() string {
	switch {
	case e.why == nil:
		return ""
	case e.outcome == journal.OutcomeExpired:
		return e.why.Message
	case e.isDead():
		return journal.ReasonOf(e.why.Code.String(), e.why.Message)
	}
	return e.why.Code.String()
}

// withoutAgent returns how a turn ends that the agent must not be asked about, nil when
// it is to be asked. docs/delivery.md has the table of what is run again.
func (x *Executor) withoutAgent(c *chain, t *journal.Turn) *ending {
	age := time.Since(t.Stored)
	switch {
	case t.Shown > 0:
		return &ending{outcome: journal.OutcomeInterrupted, why: errCut}
	case age >= x.StaleAfter:
		return &ending{outcome: journal.OutcomeExpired, why: errStale}
	case t.Paused: // its event is all that is kept
		return &ending{outcome: journal.OutcomeDone}
	case c.wasCut(t.Attempt, age):
		return &ending{outcome: journal.OutcomeInterrupted, why: errCut}
	}
	return nil
}

// tooSoon reports whether an attempt comes sooner than if all before it had failed: those
// are followed by pauses, and by nothing once there were enough of them. A program that
// dies leaves no pause.
func tooSoon(attempt int, age time.Duration) bool {
	var least time.Duration
	for n := 1; n < attempt; n++ {
		if n >= maxAttempts && least >= maxAge {
			return true
		}
		least += worker.LeastBackoff(n, firstPause, maxPause)
	}
	return age < least
}

// afterAgent decides how an attempt ends that the agent ended with err. A turn that has
// shown something is never run again by itself.
func (p *outboxReplier) afterAgent(ctx context.Context, err error) *ending {
	p.shows, err = p.committer.close(err)
	if err == nil {
		return &ending{outcome: journal.OutcomeDone}
	}
	e, t := channels.AsError(err), &p.turn
	spent := t.Attempt >= maxAttempts && time.Since(t.Stored) >= maxAge
	end := &ending{why: e}
	switch {
	case end.isStopped():
		end.outcome = journal.OutcomeDone
	case p.shows:
		end.outcome = journal.OutcomeInterrupted
	case p.unfit || e.Code.IsPermanent():
		end.outcome = journal.OutcomeFailed
	case p.chain.passesOn(p.agent, err): // the next attempt is the fallback's
		end.outcome, end.at = journal.OutcomeDeferred, time.Now()
	case agents.IsNotReached(err):
		end.outcome, end.at = journal.OutcomeDeferred, p.agent.deferUntil(ctx, t, e)
	case ctx.Err() != nil && p.chain.repeat != agents.RepeatNever: // given back
		end.outcome, end.at = journal.OutcomeRetry, time.Now()
	case p.chain.repeat != agents.RepeatAlways:
		end.outcome = journal.OutcomeInterrupted
	case spent:
		end.outcome = journal.OutcomeFailed
	default:
		end.outcome = journal.OutcomeRetry
		end.at = time.Now().Add(pause(worker.Backoff(t.Attempt, firstPause, maxPause), e))
	}
	return end
}

// deferUntil is when a turn that has not reached the agent is run again. Its pause grows
// with the message's age, since such attempts are not counted, or is the breaker's.
func (a *agentInUse) deferUntil(ctx context.Context, t *journal.Turn, e *channels.Error) time.Time {
	now := time.Now()
	if ctx.Err() != nil { // the program ends: at once after the next start
		return now
	}
	longest := min(max(now.Sub(t.Stored)/4, firstPause), time.Minute)
	d := worker.Backoff(1, longest, longest)
	if at, open := a.breaker.putBackUntil(true); open {
		d = at.Sub(now)
	}
	return now.Add(pause(d, e))
}

// pause is at least as long as the agent asks for, up to a limit.
func pause(d time.Duration, e *channels.Error) time.Duration {
	return max(d, min(e.RetryAfter, maxRetryAfter))
}

// askOutcome is how the turn of an asked message ends that failed with err. Only a message
// that the agent has not seen, or whose turn the end of the program cut, is answered anew
// when it is asked again: OutcomeFailed. One that was stopped is answered by what was shown.
func askOutcome(ctx context.Context, shows bool, err error) journal.Outcome {
	switch {
	case errors.Is(err, errStopped):
		return journal.OutcomeDone
	case shows:
		return journal.OutcomeInterrupted
	case agents.IsNotReached(err), ctx.Err() != nil: // ctx ends with the program
		return journal.OutcomeFailed
	}
	return journal.OutcomeInterrupted
}
