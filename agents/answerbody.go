package agents

import (
	"context"
	"io"

	"github.com/manyvox/manyvox/channels"
)

// MaxBody is the longest answer that an agent reads, in bytes. Its JSON may be longer than
// what channels.MaxAnswer allows by half, since assistants escape differently: what the
// replies hold is what counts, and the service counts that.
const MaxBody = channels.MaxAnswer + channels.MaxAnswer/2

// AnswerBody reads an answer. A large one waits for a place before it is read on. Release gives
// the place back.
type AnswerBody struct {
	*LargePlace
	ctx  context.Context //nolint:containedctx // a Reader has no other way to it
	from io.Reader
	late func() error
	read int
}

// Read returns an AnswerBody of what a server sends. Late makes the error of a turn whose ctx
// ends while it waits for a place.
func (l LargeAnswers) Read(ctx context.Context, from io.Reader, late func() error) *AnswerBody {
	return &AnswerBody{LargePlace: l.Place(), ctx: ctx, from: from, late: late}
}

// Read fails with channels.ErrAnswerTooLarge once the answer is longer than MaxBody.
func (b *AnswerBody) Read(p []byte) (int, error) {
	if !b.Hold(b.ctx, b.read) {
		return 0, b.late()
	}
	n, err := b.from.Read(p)
	if b.read += n; b.read > MaxBody {
		return 0, channels.ErrAnswerTooLarge
	}
	return n, err
}

var _ io.Reader = (*AnswerBody)(nil)
