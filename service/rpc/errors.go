package rpc

import (
	"context"
	"errors"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// maxDetail is the most that travels with an error. gRPC sends it in the trailers, of
// which many clients take 8 KiB in all, in base64.
const maxDetail = 4 << 10

// connectError turns an error into what Connect sends. Replies that were given
// before it travel as a detail.
func connectError(err error, partial *manyvoxv1.ReceiveResponse) error {
	e := channels.AsError(err)
	out := connect.NewError(connect.Code(e.Code.RPC()), errors.New(e.Message))
	if e.RetryAfter > 0 {
		out.Meta().Set("Retry-After", channels.RetryAfter(e))
	}
	if len(partial.GetReplies()) > 0 && proto.Size(partial) <= maxDetail {
		if detail, err := connect.NewErrorDetail(partial); err == nil {
			out.AddDetail(detail)
		}
	}
	return out
}

// errorConverter is an interceptor that makes of the errors of a service's methods what
// Connect sends.
type errorConverter struct{}

// WrapUnary converts the error of a call.
func (errorConverter) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		return res, toConnect(err)
	}
}

// WrapStreamingHandler converts the error that ends a stream.
func (errorConverter) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error { return toConnect(next(ctx, conn)) }
}

// WrapStreamingClient does nothing: a server has no clients.
func (errorConverter) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// toConnect returns an error as what Connect sends.
func toConnect(err error) error {
	if err == nil || errors.As(err, new(*connect.Error)) { // what Connect says of the connection
		return err
	}
	return connectError(err, nil)
}

var _ connect.Interceptor = errorConverter{}
