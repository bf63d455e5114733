package slack

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// streamer is a Channel whose replies grow, unless the key streaming says "off": by Slack's own
// streams, or by edits where there are none: outside threads, of text that is not Markdown, and
// where Slack refuses them. https://docs.slack.dev/reference/methods/chat.startStream
type streamer struct {
	*Channel
	// edits spreads the edits of a channel's messages.
	edits *channels.Pace
	// starts, appends and updates are the tiers of what is called: per minute, of a workspace.
	starts, appends, updates *rate.Limiter
	// refused says that the workspace has no streams.
	refused atomic.Bool
}

// streamReceipt stands before the ts of a stream in the receipt of Open.
const streamReceipt = "stream/"

// newStreamer keeps a little below the tiers, which are 20, 100 and 50 calls a minute, and to the 3
// seconds between two edits that Slack advises.
func newStreamer(c *Channel) *streamer {
	perMinute := func(n, burst int) *rate.Limiter { return rate.NewLimiter(rate.Limit(float64(n)/60), burst) }
	return &streamer{
		Channel: c, edits: channels.NewPace(3 * time.Second),
		starts: perMinute(15, 5), appends: perMinute(80, 20), updates: perMinute(40, 10),
	}
}

// Open begins a stream, or posts a message that edits follow. What cannot be edited, as the
// answer to a slash command, is sent once it is complete.
func (c *streamer) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	to := addressOf(&p)
	if to.hook != "" || to.channel == "" || to.isUser() {
		return channels.Receipt{}, channels.Rejected("what is said here cannot be changed")
	}
	streams := c.config.Streaming == streamStream && p.Reply.Format == channels.FormatMarkdown &&
		to.thread != "" && to.user != "" && to.team != "" && !c.refused.Load() && c.starts.Allow()
	if streams {
		var sent struct{ TS string }
		err := c.api.call(ctx, "chat.startStream", params{
			"channel": to.channel, "thread_ts": to.thread, "recipient_user_id": to.user, "recipient_team_id": to.team,
			"markdown_text": markup.SafeMarkdown(p.Reply.Text),
		}, &sent)
		if err == nil {
			return channels.Receipt{ID: streamReceipt + sent.TS, Time: receiptOf(sent.TS).Time}, nil
		}
		if channels.HasSendCode(err, "unknown_method", "feature_disabled", "not_allowed_token_type") {
			c.log.Info("Slack has no streams here, replies grow by edits", "error", err)
			c.refused.Store(true)
		} else if class := channels.AsSendError(err).Class; class != channels.SendRejected && class != channels.SendThrottled {
			return channels.Receipt{}, err
		}
	}
	return c.post(ctx, to, growing(p.Reply))
}

// Append adds the piece to a stream. Edits come less often: what one leaves out, the next shows.
func (c *streamer) Append(ctx context.Context, p channels.Part, r channels.Receipt, piece string) error {
	to := addressOf(&p)
	ts, stream := strings.CutPrefix(r.ID, streamReceipt)
	switch {
	case stream && !c.appends.Allow():
		return &channels.SendError{Class: channels.SendThrottled, RetryAfter: time.Second, Code: "tier"}
	case stream:
		return c.api.call(ctx, "chat.appendStream", params{"channel": to.channel, "ts": ts, "markdown_text": safePiece(p.Reply.Text, piece)}, nil)
	case !c.edits.Take(to.channel) || !c.updates.Allow():
		return nil
	}
	return c.update(ctx, to, ts, growing(p.Reply))
}

// safePiece returns the end of a text as it is added to what is shown before it.
func safePiece(text, piece string) string {
	return markup.SafeMarkdown(text)[len(markup.SafeMarkdown(strings.TrimSuffix(text, piece))):]
}

// Close ends a stream with the piece and the buttons. What the message shows is replaced where
// nobody knows what that is, and where Slack has ended the stream by itself.
func (c *streamer) Close(ctx context.Context, p channels.Part, r channels.Receipt, piece string) (channels.Receipt, error) {
	to := addressOf(&p)
	ts, stream := strings.CutPrefix(r.ID, streamReceipt)
	if !stream {
		return receiptOf(ts), c.update(ctx, to, ts, textOf(&p.Reply, maxUpdated))
	}
	end, replaces := params{"channel": to.channel, "ts": ts}, piece == p.Reply.Text
	if !replaces && piece != "" {
		end["markdown_text"] = safePiece(p.Reply.Text, piece)
	}
	if below := buttonBlocks(p.Reply.Menu()); below != nil && !replaces {
		end["blocks"] = below
	}
	err := c.api.call(ctx, "chat.stopStream", end, nil)
	if channels.HasSendCode(err, "msg_too_long") {
		replaces = true
		err = c.api.call(ctx, "chat.stopStream", params{"channel": to.channel, "ts": ts}, nil)
	}
	switch {
	case channels.HasSendCode(err, "stopped_by_user"), err == nil && !replaces: // what a person has stopped stays as it is
		return receiptOf(ts), nil
	case err == nil, channels.HasSendCode(err, "message_not_in_streaming_state", "streaming_mode_mismatch"):
		err = c.update(ctx, to, ts, markdownOf(&p.Reply))
	}
	return receiptOf(ts), err
}

// Closes reports whether Close can add the buttons of p.
func (c *streamer) Closes(p channels.Part) bool { return len(p.Reply.Menu()) > 0 }

// update replaces what a message shows. https://docs.slack.dev/reference/methods/chat.update
func (c *streamer) update(ctx context.Context, to address, ts string, what params) error {
	what["channel"], what["ts"] = to.channel, ts
	if what["blocks"] == nil && what["text"] != nil {
		what["blocks"] = []any{} // or those that it had would stay
	}
	return c.api.call(ctx, "chat.update", what, nil)
}

// growing returns a text that still grows as it is shown: nothing of its markup is left open.
func growing(r channels.Reply) params {
	text := markup.Partial(markup.Slack, r.Text)
	if r.Format == channels.FormatMarkdown && strings.TrimSpace(text) != "" && len(text) <= maxUpdated {
		return params{"text": text}
	}
	return textOf(&channels.Reply{Text: r.Text, Format: r.Format}, maxUpdated)
}

// markdownOf returns a text as a stream has shown it. One that Fit has cut is no Markdown any more.
func markdownOf(r *channels.Reply) params {
	text, below := markup.SafeMarkdown(r.Text), buttonBlocks(r.Menu())
	switch {
	case r.Format != channels.FormatMarkdown:
		return textOf(r, maxUpdated)
	case below != nil:
		return params{"blocks": append([]any{params{"type": "markdown", "text": text}}, below...)}
	}
	return params{"markdown_text": text}
}

var _ channels.Streamer = (*streamer)(nil)
var _ channels.StreamCloser = (*streamer)(nil)
