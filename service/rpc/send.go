package rpc

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/push"
)

// Sends is the call that sends what no user asked for.
type Sends struct {
	Pushes interface {
		Push(ctx context.Context, m *push.Message) (*push.Pushed, error)
	}
}

// Send stores a message that no user asked for.
func (c Sends) Send(ctx context.Context, req *manyvoxv1.SendRequest) (*manyvoxv1.SendResponse, error) {
	if err := required(req); err != nil {
		return nil, err
	}
	reply, err := sentReply(req.GetReply())
	if err != nil {
		return nil, channels.InvalidField("reply", "%v", err)
	}
	pushed, err := c.Pushes.Push(ctx, &push.Message{
		Conversation: channels.Conversation{Channel: req.GetChannel(), Sender: req.GetSender()},
		ID:           req.GetMessageId(), Address: req.Address, Reply: *reply,
	})
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.SendResponse{MessageId: pushed.ID, Duplicate: pushed.Duplicate, PartIds: pushed.PartIDs}, nil
}
