package rpc_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/servicetest"
)

// protocol is a protocol of ConversationService.
type protocol struct {
	name    string
	over    servicetest.ClientOf
	options []connect.ClientOption
}

func rpcProtocols() []protocol {
	return []protocol{
		{"Connect", servicetest.OverHTTP1, nil},
		{"Connect JSON", servicetest.OverHTTP1, []connect.ClientOption{connect.WithProtoJSON()}},
		{"gRPC", servicetest.OverHTTP2, []connect.ClientOption{connect.WithGRPC()}},
		{"gRPC-Web", servicetest.OverHTTP1, []connect.ClientOption{connect.WithGRPCWeb()}},
	}
}

func (s protocol) client(h *servicetest.Running) manyvoxv1connect.ConversationServiceClient {
	return manyvoxv1connect.NewConversationServiceClient(s.over(h), h.URL, s.options...)
}

// operatorContext returns the context of one call, with the token of a harness.
func operatorContext(t *testing.T) context.Context {
	return servicetest.WithToken(t.Context(), "operator")
}
