package rpc

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// maxDetail is the most that travels with an error. gRPC sends it in the trailers, of
// which many clients take 8 KiB in all, in base64.
const maxDetail = 4 << 10

// errorDomain is the domain of the reasons of errors.
// https://google.aip.dev/193
const errorDomain = "manyvox.dev"

// connectError turns an error into what Connect sends, with its details. Replies that were
// given before it travel as one.
func connectError(err error, partial *manyvoxv1.ReceiveResponse) error {
	e := channels.AsError(err)
	out := connect.NewError(connect.Code(e.Code.RPC()), errors.New(e.Message))
	details := []proto.Message{&errdetails.ErrorInfo{
		Reason: string(cmp.Or(e.Reason, e.Code.Reason())), Domain: errorDomain, Metadata: e.Info,
	}}
	if e.Field != "" {
		details = append(details, &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
			Field: e.Field, Description: strings.TrimPrefix(e.Message, e.Field+": "),
		}}})
	}
	if e.RetryAfter > 0 {
		out.Meta().Set("Retry-After", channels.RetryAfter(e))
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	if len(partial.GetReplies()) > 0 && proto.Size(partial) <= maxDetail {
		details = append(details, partial)
	}
	for _, d := range details {
		if detail, err := connect.NewErrorDetail(d); err == nil {
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
