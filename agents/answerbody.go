package agents

import (
	"context"
	"io"

	"github.com/manyvox/manyvox/channels"
)

const (
	// MaxBody is the longest answer that an agent reads, in bytes. Its JSON may be longer than
	// what channels.MaxAnswer allows by half, since assistants escape differently: what the
	// replies hold is what counts, and the service counts that.
	MaxBody = channels.MaxAnswer + channels.MaxAnswer/2
	// smallBody is how much of an answer is read without a place among the large ones.
	smallBody = 1 << 20
	// MaxLargeAnswers is how many turns of an agent hold a larger answer at once. One takes
	// about six times its length until it is handed on.
	MaxLargeAnswers = 8
)

// LargeAnswers has a place for each turn of an agent that holds a large answer.
type LargeAnswers chan struct{}

// NewLargeAnswers returns the places of an agent.
func NewLargeAnswers() LargeAnswers { return make(LargeAnswers, MaxLargeAnswers) }

// AnswerBody reads an answer. A large one waits for a place before it is read on, and so
// leaves the rest with the server. Release gives the place back.
type AnswerBody struct {
	ctx    context.Context //nolint:containedctx // a Reader has no other way to it
	from   io.Reader
	late   func() error
	places LargeAnswers
	read   int
	placed bool
}

// Read returns an AnswerBody of what a server sends. Late makes the error of a turn whose ctx
// ends while it waits for a place.
func (l LargeAnswers) Read(ctx context.Context, from io.Reader, late func() error) *AnswerBody {
	return &AnswerBody{ctx: ctx, from: from, late: late, places: l}
}

// Read fails with channels.ErrAnswerTooLarge once the answer is longer than MaxBody.
func (b *AnswerBody) Read(p []byte) (int, error) {
	if b.read > smallBody && !b.placed {
		select {
		case b.places <- struct{}{}:
			b.placed = true
		case <-b.ctx.Done():
			return 0, b.late()
		}
	}
	n, err := b.from.Read(p)
	if b.read += n; b.read > MaxBody {
		return 0, channels.ErrAnswerTooLarge
	}
	return n, err
}

// Release is called once nothing of the answer is held any more.
func (b *AnswerBody) Release() {
	if b.placed {
		<-b.places
	}
}

var _ io.Reader = (*AnswerBody)(nil)
