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

// FormatReplier is the role of a Replier that takes pieces of a text in a format.
type FormatReplier interface {
	// DeltaIn takes a piece of the text in progress as Delta does, whose text is in f. All
	// pieces of a text are in one format, that of the Reply that completes it.
	DeltaIn(ctx context.Context, f Format, text string) error
}

// DeltaIn gives r a piece of a text in f. A Replier without the role FormatReplier is not told
// the format.
func DeltaIn(ctx context.Context, r Replier, f Format, text string) error {
	if fr, ok := r.(FormatReplier); ok {
		return fr.DeltaIn(ctx, f, text)
	}
	return r.Delta(ctx, text)
}

// PartsReplier is the role of a Replier that takes what an agent's one reply was expanded to
// together.
type PartsReplier interface {
	// Replies takes the replies of a single kind each, in order, in place of Reply.
	Replies(ctx context.Context, parts []Reply) error
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
