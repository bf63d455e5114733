package rpc

import (
	"context"
	"strconv"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// streamReplier is the Replier of ReceiveStream. Each reply has the reply_id that its
// deltas had.
type streamReplier struct {
	send     func(*manyvoxv1.ReceiveStreamResponse) error
	numbered channels.Numbered
}

// newStreamReplier makes one. Splits says whether complete texts of a format are cut at
// blank lines, so that pieces are cut alike.
func newStreamReplier(send func(*manyvoxv1.ReceiveStreamResponse) error, splits func(channels.Format) bool) *streamReplier {
	return &streamReplier{send: send, numbered: channels.Numbered{Split: splits}}
}

// Live returns true.
func (s *streamReplier) Live() bool { return true }

// Delta sends a piece of the text in progress.
func (s *streamReplier) Delta(ctx context.Context, text string) error {
	return s.DeltaIn(ctx, channels.FormatPlain, text)
}

// DeltaIn sends a piece of the text in progress, which is in that format.
func (s *streamReplier) DeltaIn(_ context.Context, f channels.Format, text string) error {
	for _, p := range s.numbered.Delta(text, f) {
		if p.Text == "" {
			continue
		}
		if err := s.send(&manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Delta{
			Delta: &manyvoxv1.Delta{ReplyId: strconv.Itoa(p.Number), Text: p.Text, Format: string(f)},
		}}); err != nil {
			return err
		}
	}
	return nil
}

// Reply sends a complete reply of one part; the service uses Replies.
func (s *streamReplier) Reply(ctx context.Context, r channels.Reply) error {
	return s.Replies(ctx, []channels.Reply{r})
}

// Replies sends the parts of one complete reply, which ends the text in progress.
func (s *streamReplier) Replies(_ context.Context, parts []channels.Reply) error {
	var shown []channels.Reply
	for _, part := range parts {
		shown = append(shown, channels.Collected(part)...)
	}
	first := s.numbered.Complete(len(shown))
	for i := range shown {
		if err := s.send(&manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Reply{
			Reply: &manyvoxv1.StreamReply{ReplyId: strconv.Itoa(first + i), Reply: replyOf(&shown[i])},
		}}); err != nil {
			return err
		}
	}
	return nil
}

var (
	_ channels.Replier       = (*streamReplier)(nil)
	_ channels.FormatReplier = (*streamReplier)(nil)
	_ channels.Live          = (*streamReplier)(nil)
	_ channels.PartsReplier  = (*streamReplier)(nil)
)
