package turn

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// recordingReplier is the Replier of an asked message's turn: what the agent gives is
// recorded before those who follow the turn see it.
type recordingReplier struct {
	committer committer
	m         *channels.Message
	live      bool
	ask       *inFlightAsk
}

// Live says how the first caller listens.
func (w *recordingReplier) Live() bool { return w.live }

// Reply records one reply alone; the relay uses Replies.
func (w *recordingReplier) Reply(ctx context.Context, r channels.Reply) error {
	return w.Replies(ctx, []channels.Reply{r})
}

// Replies records the parts of one reply together.
func (w *recordingReplier) Replies(ctx context.Context, parts []channels.Reply) error {
	return w.committer.add(ctx, journal.Step{Events: []channels.Event{replyEvent(w.m, parts)}, Shown: true}, func() { w.ask.add(output{parts: parts}) })
}

// Delta hands on a piece of text.
func (w *recordingReplier) Delta(ctx context.Context, text string) error {
	return w.DeltaIn(ctx, channels.FormatPlain, text)
}

// DeltaIn hands on a piece of text. Before the first it is recorded that there is one.
func (w *recordingReplier) DeltaIn(ctx context.Context, f channels.Format, text string) error {
	if err := w.committer.show(ctx); err != nil {
		return err
	}
	w.ask.add(output{delta: text, format: f})
	return nil
}

var (
	_ channels.Replier       = (*recordingReplier)(nil)
	_ channels.FormatReplier = (*recordingReplier)(nil)
	_ channels.Live          = (*recordingReplier)(nil)
	_ channels.PartsReplier  = (*recordingReplier)(nil)
)
