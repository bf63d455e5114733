package openai

import "context"

const (
	// smallAnswer is how much of a turn is held without a place among the large ones, in bytes.
	smallAnswer = 1 << 20
	// largeTurns is how many turns hold more at once. The others wait for a place before they
	// read on, and so leave the rest with the server.
	largeTurns = 8
)

// largeTurn is one turn's place among the large ones, or none.
type largeTurn struct {
	places chan struct{}
	placed bool
}

// hold waits for a place when there is that much to be held. Its error is that of ctx.
func (l *largeTurn) hold(ctx context.Context, size int) error {
	if l.placed || size < smallAnswer {
		return nil
	}
	select {
	case l.places <- struct{}{}:
		l.placed = true
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// release gives the place back.
func (l *largeTurn) release() {
	if l.placed {
		<-l.places
	}
}
