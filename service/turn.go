package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// ask waits for the message's turn and runs it, all within the response timeout.
func (s *Service) ask(ctx context.Context, in *Instance, m *channels.Message, r channels.Replier) error {
	arrived := time.Now()
	deadline := arrived.Add(s.responseTimeout)
	seat, err := s.join(ctx, m.Conversation(), deadline)
	if err != nil {
		return in.counters.refuse(err, 1)
	}
	defer seat.Release()
	in.counters.begin(arrived)

	if limit := time.Now().Add(s.agentTimeout); limit.Before(deadline) {
		deadline = limit
	}
	bounded := newTurnContext(ctx, deadline)
	defer bounded.end()
	t := &turn{s: s, in: in, m: m, to: r, noted: true}
	s.scribe.note(bounded, journal.MessageEvent(m))
	err = s.run(bounded, t)
	if err != nil {
		s.scribe.note(bounded, failureEvent(m, failureOf(t.shown > 0), channels.AsError(err)))
	}
	return err
}

// failureOf is how a turn ends that fails.
func failureOf(shows bool) journal.Outcome {
	if shows {
		return journal.OutcomeInterrupted
	}
	return journal.OutcomeFailed
}

// join takes a place in the conversation's line and waits until it is first.
func (s *Service) join(ctx context.Context, c channels.Conversation, deadline time.Time) (seat journal.Lock, err error) {
	waiting := newTurnContext(ctx, deadline)
	defer waiting.end()
	seat, err = s.journal.Acquire(waiting, c, s.limits.AsksPerConversation)
	switch {
	case errors.Is(err, journal.ErrQueueFull):
		return seat, errCrowded
	case err != nil && ctx.Err() != nil:
		return seat, channels.AsError(context.Cause(ctx))
	case errors.Is(err, context.DeadlineExceeded):
		return seat, errWaited
	case err != nil:
		s.log.Error("journal: no place in line", "error", err)
		return seat, &channels.Error{
			Code: channels.CodeUnavailable, RetryAfter: retryAfter, Message: "the journal does not answer now", Err: err,
		}
	case !time.Now().Before(deadline): // first at last, and too late
		seat.Release()
		return seat, errWaited
	}
	return seat, nil
}

var (
	errWaited = &channels.Error{
		Code: channels.CodeUnavailable, Message: "earlier messages of this conversation are still being answered",
	}
	errCrowded = &channels.Error{
		Code: channels.CodeOverloaded, RetryAfter: retryAfter, Message: "too many messages of this conversation are waiting",
	}
)

// run has the agent answer one message and turns its outcome into the caller's.
func (s *Service) run(ctx context.Context, t *turn) error {
	began := time.Now()
	t.said = said{counters: &t.in.counters, began: began}
	err := s.answer(ctx, t, isLive(t.to))
	if err == nil {
		err = t.finish(ctx)
	}
	t.close()
	if err != nil {
		err = s.outcome(ctx, t, err)
	}
	t.in.counters.turn(began, t.shown, err)
	if s.log.Enabled(ctx, slog.LevelDebug) {
		s.logTurn(ctx, t, err)
	}
	return err
}

func (s *Service) logTurn(ctx context.Context, t *turn, err error) {
	s.log.DebugContext(ctx, "turn", "channel", t.m.Channel, "conversation", conversationHash(t.m.Conversation()),
		"message_id", t.m.ID, "replies", t.shown, "ok", err == nil)
}

// answer calls the agent; a panic of it becomes its error.
func (s *Service) answer(ctx context.Context, t *turn, live bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.agent.Answer(ctx, agents.Turn{Message: *t.m, Live: live, Record: t}, t)
}

// outcome tells what a failed turn means for the caller, and the log the rest.
func (s *Service) outcome(ctx context.Context, t *turn, err error) error {
	e := s.classify(ctx, t, err)
	level := slog.LevelWarn
	switch e.Code { // all others are news
	case channels.CodeCanceled:
		level = slog.LevelDebug
	default:
		t.in.failed(e)
	}
	s.log.Log(ctx, level, "turn failed", "channel", t.in.Name, "conversation", conversationHash(t.m.Conversation()),
		"message_id", t.m.ID, "code", e.Code.String(), "replies", t.shown, "error", e.Error())
	return e
}

// classify tells the kinds of failure apart. The caller's going away comes first: it
// ends the agent too, and then the agent's error means nothing.
func (s *Service) classify(ctx context.Context, t *turn, err error) *channels.Error {
	var e *channels.Error
	switch {
	case t.failed != nil && !errors.As(t.failed, &e): // the caller took no more replies
		return &channels.Error{Code: channels.CodeCanceled, Message: "the caller went away", Err: t.failed}
	case errors.Is(context.Cause(ctx), errDraining):
		return errDraining
	case errors.Is(ctx.Err(), context.Canceled):
		return channels.AsError(ctx.Err())
	case ctx.Err() != nil:
		return &channels.Error{
			Code:    channels.CodeDeadlineExceeded,
			Message: fmt.Sprintf("the agent did not finish in time (message_id %s)", t.m.ID), Err: err,
		}
	case errors.As(err, &e):
		return e
	}
	return &channels.Error{
		Code:    channels.CodeAgentFailed,
		Message: fmt.Sprintf("the agent failed; the log tells why (message_id %s)", t.m.ID), Err: err,
	}
}
