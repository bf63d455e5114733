package rasa

import (
	"context"
	"io"

	"github.com/manyvox/manyvox/channels"
)

const (
	// maxBody is the longest answer, in bytes, collected or streamed. Its JSON may be longer
	// than what channels.MaxAnswer allows by half, since servers escape differently: what the
	// replies hold is what counts, and the service counts that.
	maxBody = channels.MaxAnswer + channels.MaxAnswer/2
	// smallBody is how much of an answer is read without a place among the large ones.
	smallBody = 1 << 20
	// largeAnswers is how many turns hold a larger answer at once. One takes about six times
	// its length until it is handed on.
	largeAnswers = 8
)

// answerBody reads an answer. A large one waits for a place before it is read on, and so
// leaves the rest with the server. Release gives the place back.
type answerBody struct {
	ctx    context.Context //nolint:containedctx // a Reader has no other way to it
	from   io.Reader
	places chan struct{}
	read   int
	placed bool
}

// Read fails with channels.ErrAnswerTooLarge once the answer is longer than maxBody, and
// with the error of ctx when that ends while it waits.
func (b *answerBody) Read(p []byte) (int, error) {
	if b.read > smallBody && !b.placed {
		select {
		case b.places <- struct{}{}:
			b.placed = true
		case <-b.ctx.Done():
			return 0, contextError(b.ctx)
		}
	}
	n, err := b.from.Read(p)
	if b.read += n; b.read > maxBody {
		return 0, channels.ErrAnswerTooLarge
	}
	return n, err
}

// release is called once nothing of the answer is held any more.
func (b *answerBody) release() {
	if b.placed {
		<-b.places
	}
}

var _ io.Reader = (*answerBody)(nil)
