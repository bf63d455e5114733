package channels

import "context"

// Closer is the role of a channel that holds something that must be let go: a connection of
// its own, a file, a goroutine. A Streamer, whose Close is another, lets it go at the end of
// Run.
type Closer interface {
	// Close is called once, when nothing calls the channel any more: its last request, Send
	// and turn have ended, and so has Run. That is when a reload has replaced or removed it,
	// and at the end of the program; also when it was opened and its configuration then was
	// not put in use. It must end with ctx. Its error is logged. The program ends without it
	// where a call has not returned.
	Close(ctx context.Context) error
}
