package channels

import "context"

// Replier takes the replies of one turn. It is called by one goroutine at a time.
type Replier interface {
	// Reply takes a complete reply. Before a channel sees it, the service has
	// expanded it to a single kind and set its recipient. An error ends the turn.
	Reply(ctx context.Context, r Reply) error
	// Delta takes a piece of the text in progress; the next Reply completes it.
	Delta(ctx context.Context, text string) error
}

// Live is the role of a Replier that shows each reply as it comes. An agent may
// choose a slower way to answer when nobody would see the difference.
type Live interface {
	Live() bool
}

// IsLive reports whether r shows each reply as it comes. A Replier without the role Live
// does not: it shows its replies together when the turn is over.
func IsLive(r Replier) bool {
	l, ok := r.(Live)
	return ok && l.Live()
}
