package rpc

import (
	"context"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// Stop ends the turn of a message to which its caller gave an id.
func (s ChannelService) Stop(ctx context.Context, req *manyvoxv1.StopRequest) (*manyvoxv1.StopResponse, error) {
	in, err := s.enter(req.GetChannel())
	if err != nil {
		return nil, connectError(err, nil)
	}
	defer in.Leave()
	stopped, err := s.Door.Stop(ctx, in, req.GetSender(), req.GetMessageId())
	if err != nil {
		return nil, connectError(err, nil)
	}
	return &manyvoxv1.StopResponse{Stopped: stopped}, nil
}
