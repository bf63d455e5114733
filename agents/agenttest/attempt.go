package agenttest

import (
	"context"
	"fmt"
)

// tellsAttempt runs a turn that is not the first attempt at its message.
func tellsAttempt(s scene) error {
	if s.peer.NoAttempt {
		return nil
	}
	const attempt = 3
	told := make(chan int, 1)
	turn := hello("ann", true)
	turn.Attempt = attempt
	err := s.turn(context.Background(), turn, &Recorder{Shows: true}, func(x Exchange) {
		told <- x.Attempt()
		x.Reply("hi")
		x.End()
	})
	if n, _ := received(s, told); n != attempt {
		return fmt.Errorf("attempt %d is told as %d", attempt, n)
	}
	return err
}
