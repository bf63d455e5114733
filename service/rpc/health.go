package rpc

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/instance"
)

// Health answers grpc.health.v1 for the program ("") and for its services.
type Health struct {
	// Ready returns why no messages are taken, nil while they are.
	Ready func() error
	// Draining is closed when the program is ending.
	Draining <-chan struct{}
}

// Check returns whether messages are taken.
func (h Health) Check(_ context.Context, req *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	if !isService(req.Service) {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("unknown service %q", instance.Shorten(req.Service)))
	}
	return &grpchealth.CheckResponse{Status: h.statusOf(req.Service)}, nil
}

// isService reports whether a name is that of the program or of one of its services.
func isService(name string) bool {
	switch name {
	case "", manyvoxv1connect.ChannelServiceName, manyvoxv1connect.SubscriptionServiceName, manyvoxv1connect.ConversationServiceName:
		return true
	}
	return false
}

var _ grpchealth.Checker = Health{}
