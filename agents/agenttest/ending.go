package agenttest

import (
	"context"
	"errors"
	"fmt"

	"github.com/manyvox/manyvox/channels"
)

// cancelReachesPeer cancels the turn once the peer has begun to speak, and expects the peer to
// know of it before it speaks on.
func cancelReachesPeer(s scene) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := s.endWhileSpeaking(ctx, cancel)
	if err == nil || channels.AsError(err).Code != channels.CodeCanceled {
		return fmt.Errorf("error %w where the code canceled is expected", err)
	}
	return isReached(err)
}

// deadlineReachesPeer is the same with the turn's deadline.
func deadlineReachesPeer(s scene) error {
	ctx := newDeadline()
	defer ctx.pass()
	return isLate(s.endWhileSpeaking(ctx, ctx.pass))
}

// endWhileSpeaking ends a turn with the first that the peer says, or when it is asked if it
// says all at the end.
func (s scene) endWhileSpeaking(ctx context.Context, end func()) error {
	rec := &Recorder{
		Shows:   true,
		OnReply: func(channels.Reply) error { end(); return nil },
		OnDelta: func(string) error { end(); return nil },
	}
	gone := make(chan bool, 1)
	err := s.turn(ctx, hello("ann", true), rec, func(x Exchange) {
		switch {
		case s.peer.Collects:
			end()
		case s.peer.NoDeltas:
			x.Reply("one")
		default:
			x.Delta("one ")
		}
		gone <- s.left(x)
	})
	if ok, _ := received(s, gone); !ok {
		return errors.New("the peer is not told that the turn is over, and would speak on")
	}
	return err
}

// endsUnanswered has the deadline pass while the peer says nothing.
func endsUnanswered(s scene) error {
	ctx := newDeadline()
	defer ctx.pass()
	gone := make(chan bool, 1)
	err := s.turn(ctx, hello("ann", true), &Recorder{Shows: true}, func(x Exchange) {
		ctx.pass()
		gone <- s.left(x)
	})
	if ok, _ := received(s, gone); !ok {
		return errors.New("the peer is not told that the turn is over")
	}
	return isLate(err)
}

// isLate checks the error of a turn whose deadline passed after the peer was reached.
func isLate(err error) error {
	if err == nil || channels.AsError(err).Code != channels.CodeDeadlineExceeded {
		return fmt.Errorf("error %w where the code deadline_exceeded is expected", err)
	}
	return isReached(err)
}
