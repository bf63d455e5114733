package channels

import "context"

// Typer is the role of a Sender whose platform can show that an answer is being written.
type Typer interface {
	// Typing shows that for a few seconds to whoever wrote m. It is called at the start of
	// a turn, and every few seconds until the first part is sent or the turn ends. It is
	// best effort: it is called only while the platform's limits leave room for a Send
	// beside it, and left out otherwise. Its error is counted nowhere. One of class throttled
	// delays the next call, and after one of class rejected or gone none follows in that
	// turn. It is called concurrently and must end with ctx, which is short.
	Typing(ctx context.Context, m Message) error
}
