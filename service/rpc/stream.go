package rpc

import (
	"context"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// startedAfter is how long nothing may be said before the caller is told that the message was
// taken. What is refused at once, or meets an assistant that cannot be reached, is refused before
// anything was sent: else no client's retry policy would act.
const startedAfter = time.Second

// streamReplier is the Replier of ReceiveStream. Each reply has the reply_id that its
// deltas had.
type streamReplier struct {
	send     func(*manyvoxv1.ReceiveStreamResponse) error
	numbered channels.Numbered

	messageID string
	// unstarted holds true until somebody has begun to say that the message was taken. Who
	// takes the value out keeps others waiting until it is sent.
	unstarted chan bool
	waiting   *time.Timer
}

// newStreamReplier makes one for the message with an id. Splits says whether complete texts of
// a format are cut at blank lines, so that pieces are cut alike. Finish must be called.
func newStreamReplier(
	messageID string, send func(*manyvoxv1.ReceiveStreamResponse) error, splits func(channels.Format) bool,
) *streamReplier {
	s := &streamReplier{send: send, numbered: channels.Numbered{Split: splits}, messageID: messageID, unstarted: make(chan bool, 1)}
	s.unstarted <- true
	s.waiting = time.AfterFunc(startedAfter, s.start)
	return s
}

// start says that the message was taken, once, before anything else.
func (s *streamReplier) start() {
	if <-s.unstarted {
		_ = s.send(&manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Started{
			Started: &manyvoxv1.Started{MessageId: s.messageID},
		}}) // a caller that is gone is noticed by what follows
	}
	s.unstarted <- false
}

// finish ends the stream with the outcome of Ask. A turn that said nothing has started too.
func (s *streamReplier) finish(err error) {
	s.waiting.Stop()
	if err == nil {
		s.start()
	}
	<-s.unstarted // waits for one that is being sent
	s.unstarted <- false
}

// Live returns true.
func (s *streamReplier) Live() bool { return true }

// Delta sends a piece of the text in progress.
func (s *streamReplier) Delta(ctx context.Context, text string) error {
	return s.DeltaIn(ctx, channels.FormatPlain, text)
}

// DeltaIn sends a piece of the text in progress, which is in that format.
func (s *streamReplier) DeltaIn(_ context.Context, f channels.Format, text string) error {
	s.start()
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
	s.start()
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
