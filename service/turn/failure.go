package turn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// failed returns what a failed turn means for the caller, and logs the rest. The mark of
// agents.NotReached stays.
func (x *Executor) failed(ctx context.Context, r *relay, err error) error {
	e := classify(ctx, r, err)
	level := slog.LevelWarn
	switch e.Code { // the others are warnings
	case channels.CodeCanceled:
		level = slog.LevelDebug
	case channels.CodeInternal:
		level = slog.LevelError
	}
	switch {
	case e == errClaimLost: // nobody's fault
		level = slog.LevelInfo
	case e.Code != channels.CodeCanceled:
		r.in.Failed(e)
	}
	x.Log.Log(ctx, level, "turn failed", "channel", r.in.Name, "conversation", instance.ConversationHash(r.m.Conversation()),
		"message_id", r.m.ID, "code", e.Code.String(), "replies", r.shown, "error", e.Error())
	if agents.IsNotReached(err) {
		return agents.NotReached(e)
	}
	return e
}

// classify tells the kinds of failure apart. A caller that takes no more replies comes
// first, then the end of ctx: either ends the agent too, and its error means nothing then.
func classify(ctx context.Context, r *relay, err error) *channels.Error {
	var e *channels.Error
	switch {
	case r.failed != nil && !errors.As(r.failed, &e):
		return &channels.Error{Code: channels.CodeCanceled, Message: "the caller went away", Err: r.failed}
	case errors.Is(context.Cause(ctx), instance.ErrDraining) && !agents.IsNotReached(err):
		return errCut
	case ctx.Err() != nil && errors.As(context.Cause(ctx), &e): // whoever ended it says why
		return e
	case r.failed != nil: // whatever the agent made of it
		return channels.AsError(r.failed)
	case errors.Is(ctx.Err(), context.Canceled):
		return channels.AsError(ctx.Err())
	case ctx.Err() != nil:
		return &channels.Error{
			Code:    channels.CodeDeadlineExceeded,
			Message: fmt.Sprintf("the agent did not finish in time (message_id %s)", r.m.ID), Err: err,
		}
	case errors.As(err, &e):
		return ofAgent(*e, agents.IsNotReached(err))
	}
	return &channels.Error{
		Code:    channels.CodeAgentFailed,
		Message: fmt.Sprintf("the agent failed; the log tells why (message_id %s)", r.m.ID), Err: err,
	}
}

// ofAgent returns an error of the agent as callers see it. They take unavailable for a message
// that the agent has not seen.
func ofAgent(e channels.Error, notReached bool) *channels.Error {
	switch {
	case e.Reason != "":
	case e.Code == channels.CodeOverloaded:
		e.Reason = channels.ReasonAgentOverloaded
	case e.Code == channels.CodeUnavailable && notReached:
		e.Reason = channels.ReasonAgentUnreachable
	case e.Code == channels.CodeUnavailable:
		e.Code, e.RetryAfter = channels.CodeAgentFailed, 0
	}
	return &e
}

// outcomeOf is how a turn ends that fails, of which nothing is kept but events. Shows
// says that the user has seen something.
func outcomeOf(shows bool) journal.Outcome {
	if shows {
		return journal.OutcomeInterrupted
	}
	return journal.OutcomeFailed
}

// reasonOf is the reason that an event tells of an error.
func reasonOf(err error) string {
	e := channels.AsError(err)
	return journal.ReasonOf(e.Code.String(), e.Message)
}
