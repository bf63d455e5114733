package rpc

import (
	"context"
	"strconv"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// partsReplier is a Replier that takes the parts of one reply of the agent together.
type partsReplier interface {
	Replies(ctx context.Context, parts []channels.Reply) error
}

// streamReplier is the Replier of ReceiveStream. It numbers the replies, so that each
// has the reply_id its deltas had: a text that comes in pieces is cut at blank
// lines as the complete one will be.
type streamReplier struct {
	send  func(*manyvoxv1.ReceiveStreamResponse) error
	split bool

	next    int       // the number of the next complete reply
	highest int       // the highest number sent
	text    *splitter // cuts the text in progress, nil when there is none
	base    int       // the number of its first paragraph
}

// newStreamReplier numbers replies from 1. Split says whether complete texts are cut at
// blank lines, so that pieces are cut alike.
func newStreamReplier(send func(*manyvoxv1.ReceiveStreamResponse) error, split bool) *streamReplier {
	return &streamReplier{send: send, split: split, next: 1}
}

// Live returns true.
func (s *streamReplier) Live() bool { return true }

// Delta sends a piece of the text in progress.
func (s *streamReplier) Delta(_ context.Context, text string) error {
	if s.text == nil {
		s.text, s.base = &splitter{whole: !s.split}, s.next
	}
	for _, p := range s.text.push(text) {
		if err := s.send(&manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Delta{
			Delta: &manyvoxv1.Delta{ReplyId: s.id(s.base + p.index), Text: p.text},
		}}); err != nil {
			return err
		}
	}
	return nil
}

// Reply sends a complete reply, or a part of one.
func (s *streamReplier) Reply(_ context.Context, r channels.Reply) error {
	for _, c := range channels.Collected(r) {
		if err := s.send(&manyvoxv1.ReceiveStreamResponse{Event: &manyvoxv1.ReceiveStreamResponse_Reply{
			Reply: &manyvoxv1.StreamReply{ReplyId: s.id(s.next), Reply: replyOf(&c)},
		}}); err != nil {
			return err
		}
		s.next++
	}
	return nil
}

// Replies sends the parts of one reply, which ends the text in progress. What follows
// gets no number that a piece of it had.
func (s *streamReplier) Replies(ctx context.Context, parts []channels.Reply) error {
	for _, part := range parts {
		if err := s.Reply(ctx, part); err != nil {
			return err
		}
	}
	s.text = nil
	s.next = max(s.next, s.highest+1)
	return nil
}

// id returns the reply_id of a number and remembers the highest.
func (s *streamReplier) id(n int) string {
	s.highest = max(s.highest, n)
	return strconv.Itoa(n)
}

var (
	_ channels.Replier = (*streamReplier)(nil)
	_ channels.Live    = (*streamReplier)(nil)
	_ partsReplier     = (*streamReplier)(nil)
)
