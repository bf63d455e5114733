package service

import (
	"context"
	"errors"

	"connectrpc.com/connect"
)

// refusals makes of the errors of a service's methods what Connect sends.
type refusals struct{}

// WrapUnary converts the error of a call.
func (refusals) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		return res, refusalOf(err)
	}
}

// WrapStreamingHandler converts the error that ends a stream.
func (refusals) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error { return refusalOf(next(ctx, conn)) }
}

// WrapStreamingClient does nothing: a server has no clients.
func (refusals) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func refusalOf(err error) error {
	if err == nil || errors.As(err, new(*connect.Error)) { // what Connect says of the connection
		return err
	}
	return connectError(err, nil)
}

var _ connect.Interceptor = refusals{}
