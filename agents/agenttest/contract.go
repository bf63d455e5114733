package agenttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// answerTimeout is how long an agent may take where it has nothing to wait for.
const answerTimeout = 10 * time.Second

// Contract runs what agents.Agent promises against an agent. open is called once
// per subtest, and the agent must then answer any turn with at least one reply.
//
// An agent whose assistant is at the other end of a protocol needs its Peer too, one for each
// way in which the protocol can be used. Others leave it out.
func Contract(t *testing.T, open func(t *testing.T) agents.Agent, peers ...Peer) {
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.run(open(t)); err != nil {
				t.Error(err)
			}
		})
	}
	for i, p := range peers {
		for _, c := range peerChecks() {
			t.Run(fmt.Sprintf("peer %d %s", i+1, c.name), func(t *testing.T) {
				t.Parallel()
				if err := c.run(newScene(t, p, answerTimeout)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// check is one promise. It returns an error instead of failing a test, so that the
// kit's own test can show that every check is able to fail.
type check struct {
	name string
	run  func(agents.Agent) error
}

func checks() []check {
	return []check{
		{"answers", answers},
		{"shows the same live", sameLive},
		{"ends when canceled before", endsCanceled},
		{"ends when late before", endsLate},
		{"ends when canceled in between", endsBetween},
		{"ends with the replier's error", endsRefused},
		{"answers side by side", sideBySide},
		{"closes", closes},
	}
}

// closes expects Close to end well after a turn, if the agent is a Closer.
func closes(a agents.Agent) error {
	closer, ok := a.(agents.Closer)
	if _, other := a.(io.Closer); other {
		return errors.New("its Close takes no context, so nobody calls it: see agents.Closer")
	}
	if !ok {
		return nil
	}
	rec := &Recorder{}
	if err := completed(rec, answer(context.Background(), a, hello("ann", false), rec)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- closer.Close(ctx) }()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
		return errors.New("its Close does not end with its context")
	}
}

// answers expects a turn to end well, with a reply and no text left open.
func answers(a agents.Agent) error {
	rec := &Recorder{Shows: true}
	return completed(rec, answer(context.Background(), a, hello("ann", true), rec))
}

// sameLive expects the same texts whether or not the replier is live.
func sameLive(a agents.Agent) error {
	shown, collected := &Recorder{Shows: true}, &Recorder{}
	if err := completed(shown, answer(context.Background(), a, hello("ann", true), shown)); err != nil {
		return err
	}
	if err := completed(collected, answer(context.Background(), a, hello("bob", false), collected)); err != nil {
		return err
	}
	if !slices.Equal(shown.Texts(), collected.Texts()) {
		return fmt.Errorf("live it says %q, collected %q", shown.Texts(), collected.Texts())
	}
	return nil
}

// endsCanceled needs no reply to be refused: a Recorder refuses all once ctx ended.
func endsCanceled(a agents.Agent) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := answer(ctx, a, hello("ann", true), &Recorder{}); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("error %v where context.Canceled is expected", err)
	}
	return nil
}

// endsLate expects an error from which the door makes deadline_exceeded.
func endsLate(a agents.Agent) error {
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	err := answer(ctx, a, hello("ann", true), &Recorder{})
	if err == nil || channels.AsError(err).Code != channels.CodeDeadlineExceeded {
		return fmt.Errorf("error %v where the code deadline_exceeded is expected", err)
	}
	return nil
}

// endsBetween takes any outcome, since the turn may have been over with its first
// reply, but takes it soon.
func endsBetween(a agents.Agent) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	rec := &Recorder{
		OnReply: func(channels.Reply) error { cancel(); return nil },
		OnDelta: func(string) error { cancel(); return nil },
	}
	if err := answer(ctx, a, hello("ann", true), rec); errors.Is(err, errTimeout) {
		return err
	}
	return nil
}

// endsRefused expects the replier's error back, and no call of the replier after it.
func endsRefused(a agents.Agent) error {
	gone := errors.New("the caller is gone")
	rec := &Recorder{
		OnReply: func(channels.Reply) error { return gone },
		OnDelta: func(string) error { return gone },
	}
	err := answer(context.Background(), a, hello("ann", true), rec)
	switch {
	case !errors.Is(err, gone):
		return fmt.Errorf("error %v where the replier's is expected", err)
	case rec.Calls > 1:
		return fmt.Errorf("%d calls of the replier after its error", rec.Calls-1)
	}
	return nil
}

// sideBySide answers several conversations at once: run it with -race.
func sideBySide(a agents.Agent) error {
	const turns = 8
	done := make(chan error, turns)
	for i := range turns {
		go func() {
			rec := &Recorder{Shows: i%2 == 0}
			turn := hello(fmt.Sprintf("sender-%d", i), rec.Shows)
			done <- completed(rec, answer(context.Background(), a, turn, rec))
		}()
	}
	var errs []error
	for range turns {
		errs = append(errs, <-done)
	}
	return errors.Join(errs...)
}

func hello(sender string, live bool) agents.Turn {
	turn := Turn(sender, "hello")
	turn.Live = live
	return turn
}

var (
	errTimeout = errors.New("the turn does not end")
	errPanic   = errors.New("the agent panics")
)

// answer has the agent answer a turn. It returns errTimeout when that takes too long.
func answer(ctx context.Context, a agents.Agent, t agents.Turn, r channels.Replier) error {
	return answerWithin(ctx, answerTimeout, a, t, r)
}

// answerWithin is answer with a patience of the caller's.
func answerWithin(ctx context.Context, patience time.Duration, a agents.Agent, t agents.Turn, r channels.Replier) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- fmt.Errorf("%w: %v", errPanic, v)
			}
		}()
		done <- a.Answer(ctx, t, r)
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errTimeout
	}
}

// completed checks what the replier holds after a turn that should have gone well.
func completed(rec *Recorder, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("the turn failed: %w", err)
	case len(rec.Replies) == 0:
		return errors.New("the turn gave no reply")
	case len(rec.Pending) > 0:
		return fmt.Errorf("no reply completes the text %q", strings.Join(rec.Pending, ""))
	}
	return nil
}
