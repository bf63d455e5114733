package agenttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// absentNotReached has nobody listen at the peer's address.
func absentNotReached(s scene) error {
	err := s.hello(&Recorder{}, nil)
	if err == nil || !agents.IsNotReached(err) {
		return fmt.Errorf("error %w where one marked by agents.NotReached is expected", err)
	}
	return nil
}

// refusals has the peer answer with each of the statuses, and expects to be asked once.
func refusals(statuses ...int) func(scene) error {
	return func(s scene) (errs error) {
		for _, status := range statuses {
			var calls atomic.Int32
			err := isReached(s.hello(&Recorder{}, func(x Exchange) {
				calls.Add(1)
				x.Refuse(status, 0)
			}))
			if n := calls.Load(); err == nil && n != 1 {
				err = fmt.Errorf("the peer is asked %d times", n)
			}
			if err != nil {
				errs = errors.Join(errs, fmt.Errorf("%s: %w", statusName(status), err))
			}
		}
		return errs
	}
}

const (
	// pause is what a busy peer asks for, in seconds.
	pause = 60
	// shortTime is how long a turn may take that has a busy peer: less than the pause, so that
	// an agent which tries again by itself does not begin to wait.
	shortTime = pause * time.Second / 2
)

// busyNotReached has the peer refuse the message unread.
func busyNotReached(s scene) (errs error) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		if err := s.busy(status); err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s: %w", statusName(status), err))
		}
	}
	return errs
}

func (s scene) busy(status int) error {
	ctx, cancel := context.WithTimeout(context.Background(), shortTime)
	defer cancel()
	err := s.turn(ctx, hello("ann", true), &Recorder{Shows: true}, func(x Exchange) { x.Refuse(status, pause) })
	switch e := channels.AsError(err); {
	case err == nil || !agents.IsNotReached(err):
		return fmt.Errorf("error %w where one marked by agents.NotReached is expected", err)
	case e.Code != channels.CodeOverloaded && e.Code != channels.CodeUnavailable:
		return fmt.Errorf("error %w of code %v where one is expected that may be gone later", err, e.Code)
	case !s.peer.NoRetryAfter && e.RetryAfter != pause*time.Second:
		return fmt.Errorf("the peer asks for a pause of %d s, and the error says %v", pause, e.RetryAfter)
	}
	return nil
}

// cutReached breaks the connection when a reply was shown. An agent that collects shows
// nothing, and one whose protocol has one text has shown a piece of it.
func cutReached(s scene) error {
	shown := make(chan struct{}, 1)
	rec := &Recorder{OnReply: func(channels.Reply) error { shown <- struct{}{}; return nil }}
	said := rec.Texts
	if s.peer.OneText {
		rec.OnDelta = func(string) error { shown <- struct{}{}; return nil }
		said = func() []string { return append(rec.Texts(), rec.Deltas...) }
	}
	err := s.hello(rec, func(x Exchange) {
		x.Reply("first")
		if !s.peer.Collects {
			s.await(x, shown)
		}
		x.Cut()
	})
	var want []string
	if !s.peer.Collects {
		want = []string{"first"}
	}
	if !slices.Equal(said(), want) {
		return fmt.Errorf("the agent says %q where %q is expected", said(), want)
	}
	return isReached(err)
}

// hangUpReached breaks the connection once the message is there.
func hangUpReached(s scene) error {
	var calls atomic.Int32
	err := isReached(s.hello(&Recorder{}, func(x Exchange) {
		calls.Add(1)
		x.Cut()
	}))
	if n := calls.Load(); err == nil && n != 1 {
		return fmt.Errorf("the peer is asked %d times, though it may have acted on the first", n)
	}
	return err
}
