package agenttest

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// Recorder is a Replier that keeps what it is given. It has no lock, so that the
// race detector finds an agent that replies from two goroutines at once.
type Recorder struct {
	// Shows is what Live returns.
	Shows bool
	// OnReply, when set, is called with each reply after it is kept; its error is
	// that of Reply.
	OnReply func(channels.Reply) error
	// OnDelta is the same for pieces of text.
	OnDelta func(string) error

	// Replies are the complete replies, in order.
	Replies []channels.Reply
	// Deltas are all pieces of text, in order.
	Deltas []string
	// Pending holds the pieces that no reply has completed yet.
	Pending []string
	// Calls counts the calls of both methods.
	Calls int
}

// Reply keeps r, unless ctx has ended.
func (c *Recorder) Reply(ctx context.Context, r channels.Reply) error {
	c.Calls++
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Replies = append(c.Replies, r)
	c.Pending = nil
	if c.OnReply == nil {
		return nil
	}
	return c.OnReply(r)
}

// Delta keeps text, unless ctx has ended.
func (c *Recorder) Delta(ctx context.Context, text string) error {
	c.Calls++
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Deltas = append(c.Deltas, text)
	c.Pending = append(c.Pending, text)
	if c.OnDelta == nil {
		return nil
	}
	return c.OnDelta(text)
}

// Live returns Shows.
func (c *Recorder) Live() bool { return c.Shows }

// Texts returns the texts of the replies.
func (c *Recorder) Texts() []string {
	texts := make([]string, len(c.Replies))
	for i, r := range c.Replies {
		texts[i] = r.Text
	}
	return texts
}

var (
	_ channels.Replier = (*Recorder)(nil)
	_ channels.Live    = (*Recorder)(nil)
)
