package turn

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// Delivery is what turns ask of the delivery while they run.
type Delivery interface {
	LiveParts
	Typist
}

// LiveParts shows texts that grow, as delivery does. A text is named by the id of the part
// with which it began.
type LiveParts interface {
	// Begin takes a text that will grow, before its part is committed as a live part. Complete
	// follows. It reports false when there is no room: then the text is sent complete.
	Begin(p channels.Part) bool
	// Grow adds a piece.
	Grow(first, piece string)
	// Finish says that the text grows no more. It returns the id of the live part now, how
	// much of the text is in earlier messages that are closed, and up to where it goes into
	// the present one, if that is being closed.
	Finish(first string) (present string, closed, next int)
	// Complete says what has completed the live part, once that is committed; nil says that
	// nothing will. What was said of the text before holds.
	Complete(first string, p *channels.Part)
}

// Typist shows users that an answer is being written, as delivery does.
type Typist interface {
	// Typing shows it to whoever wrote m until ctx ends, stop is called, or the part of that
	// id is sent.
	Typing(ctx context.Context, m channels.Message, firstPart string) (stop func())
}
