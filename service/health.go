package service

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// healthChecker answers grpc.health.v1 for the program ("") and for both services.
type healthChecker struct{ s *Service }

// Check returns whether messages are taken.
func (h healthChecker) Check(_ context.Context, req *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	switch req.Service {
	case "", manyvoxv1connect.ChannelServiceName, manyvoxv1connect.ConversationServiceName:
	default:
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("unknown service %q", req.Service))
	}
	status := grpchealth.StatusServing
	if h.s.draining.Load() || !h.s.journal.isWritable() {
		status = grpchealth.StatusNotServing
	}
	return &grpchealth.CheckResponse{Status: status}, nil
}

var _ grpchealth.Checker = healthChecker{}
