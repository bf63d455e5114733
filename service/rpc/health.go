package rpc

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// Health answers grpc.health.v1 for the program ("") and for both services.
type Health struct {
	// Ready returns why no messages are taken, nil while they are.
	Ready func() error
}

// Check returns whether messages are taken.
func (h Health) Check(_ context.Context, req *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	switch req.Service {
	case "", manyvoxv1connect.ChannelServiceName, manyvoxv1connect.ConversationServiceName:
	default:
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("unknown service %q", req.Service))
	}
	status := grpchealth.StatusServing
	if h.Ready() != nil {
		status = grpchealth.StatusNotServing
	}
	return &grpchealth.CheckResponse{Status: status}, nil
}

var _ grpchealth.Checker = Health{}
