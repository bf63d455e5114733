package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
)

// Pauses are the calls that hand a conversation to a human and back.
type Pauses struct {
	Paused instance.PausedConversations
}

// PauseConversation pauses a conversation.
func (p Pauses) PauseConversation(
	ctx context.Context, req *manyvoxv1.PauseConversationRequest,
) (*manyvoxv1.PauseConversationResponse, error) {
	c := channels.Conversation{Channel: req.GetChannel(), Sender: req.GetSender()}
	fresh, err := p.Paused.Pause(ctx, c, req.GetReason())
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.PauseConversationResponse{Paused: fresh}, nil
}

// ResumeConversation resumes a conversation.
func (p Pauses) ResumeConversation(
	ctx context.Context, req *manyvoxv1.ResumeConversationRequest,
) (*manyvoxv1.ResumeConversationResponse, error) {
	was, err := p.Paused.Resume(ctx, channels.Conversation{Channel: req.GetChannel(), Sender: req.GetSender()})
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.ResumeConversationResponse{Resumed: was}, nil
}

// addPaused adds the conversations that are paused. When the journal does not answer it adds
// nothing.
func (p Pauses) addPaused(ctx context.Context, res *manyvoxv1.GetStatusResponse) {
	newest, count, err := p.Paused.Newest(ctx)
	if err != nil {
		return
	}
	for _, c := range newest {
		res.Paused = append(res.Paused, &manyvoxv1.PausedConversation{
			Channel: valid(c.Channel), Sender: valid(c.Sender), Reason: valid(c.Reason), Since: timestamppb.New(c.Since),
		})
	}
	total := int64(count)
	res.PausedCount = &total
}
