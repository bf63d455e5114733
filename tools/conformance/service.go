package main

import (
	"context"
	"errors"
	"io"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	conformancev1 "github.com/manyvox/manyvox/tools/conformance/gen/connectrpc/conformance/v1"
	"github.com/manyvox/manyvox/tools/conformance/gen/connectrpc/conformance/v1/conformancev1connect"
)

// conformance is the suite's service: each request says what the answer shall be.
type conformance struct {
	conformancev1connect.UnimplementedConformanceServiceHandler
}

// Unary answers one request.
func (conformance) Unary(ctx context.Context, r *conformancev1.UnaryRequest) (*conformancev1.UnaryResponse, error) {
	payload, err := answer(ctx, r.GetResponseDefinition(), r)
	return &conformancev1.UnaryResponse{Payload: payload}, err
}

// IdempotentUnary answers one request, which may have come by GET.
func (conformance) IdempotentUnary(
	ctx context.Context, r *conformancev1.IdempotentUnaryRequest,
) (*conformancev1.IdempotentUnaryResponse, error) {
	payload, err := answer(ctx, r.GetResponseDefinition(), r)
	return &conformancev1.IdempotentUnaryResponse{Payload: payload}, err
}

// ClientStream answers all requests together. The first says how.
func (conformance) ClientStream(
	ctx context.Context, stream *connect.ClientStream[conformancev1.ClientStreamRequest],
) (*conformancev1.ClientStreamResponse, error) {
	var requests []proto.Message
	var how *conformancev1.UnaryResponseDefinition
	for stream.Receive() {
		if len(requests) == 0 {
			how = stream.Msg().GetResponseDefinition()
		}
		requests = append(requests, stream.Msg())
	}
	if err := stream.Err(); err != nil {
		return nil, err
	}
	payload, err := answer(ctx, how, requests...)
	return &conformancev1.ClientStreamResponse{Payload: payload}, err
}

// ServerStream answers one request by a stream.
func (conformance) ServerStream(
	ctx context.Context, r *conformancev1.ServerStreamRequest, stream *connect.ServerStream[conformancev1.ServerStreamResponse],
) error {
	out := newStreamAnswer(ctx, r.GetResponseDefinition(), stream.Conn(), func(p *conformancev1.ConformancePayload) error {
		return stream.Send(&conformancev1.ServerStreamResponse{Payload: p})
	})
	out.requests = []proto.Message{r}
	return out.finish()
}

// BidiStream answers each request as it comes, or all of them at the end. The first says which.
func (conformance) BidiStream(
	ctx context.Context, stream *connect.BidiStream[conformancev1.BidiStreamRequest, conformancev1.BidiStreamResponse],
) error {
	var out *streamAnswer
	for duplex := false; ; {
		r, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if out == nil {
			duplex = r.GetFullDuplex()
			out = newStreamAnswer(ctx, r.GetResponseDefinition(), stream.Conn(), func(p *conformancev1.ConformancePayload) error {
				return stream.Send(&conformancev1.BidiStreamResponse{Payload: p})
			})
		}
		out.requests = append(out.requests, r)
		if !duplex {
			continue
		}
		if out.isDone() {
			break
		}
		if err := out.next(); err != nil {
			return err
		}
	}
	if out == nil {
		return nil
	}
	return out.finish()
}

var _ conformancev1connect.ConformanceServiceHandler = conformance{}
