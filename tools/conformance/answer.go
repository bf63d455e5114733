package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	conformancev1 "github.com/manyvox/manyvox/tools/conformance/gen/connectrpc/conformance/v1"
)

// answer answers the requests of a call that has one response. It tells what it saw of them,
// in the details of the error where the response shall be one.
func answer(
	ctx context.Context, how *conformancev1.UnaryResponseDefinition, requests ...proto.Message,
) (*conformancev1.ConformancePayload, error) {
	seen, err := requestInfo(ctx, requests)
	if err != nil {
		return nil, err
	}
	if how.GetError() != nil {
		err := asError(how.GetError(), seen)
		addHeaders(err.Meta(), how.GetResponseHeaders()) // connect-go has one place for both
		addHeaders(err.Meta(), how.GetResponseTrailers())
		return nil, err
	}
	call, _ := connect.CallInfoForHandlerContext(ctx)
	addHeaders(call.ResponseHeader(), how.GetResponseHeaders())
	addHeaders(call.ResponseTrailer(), how.GetResponseTrailers())
	if err := pause(ctx, how.GetResponseDelayMs()); err != nil {
		return nil, err
	}
	return &conformancev1.ConformancePayload{Data: how.GetResponseData(), RequestInfo: seen}, nil
}

// requestInfo tells what is seen of a call.
func requestInfo(ctx context.Context, requests []proto.Message) (*conformancev1.ConformancePayload_RequestInfo, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	info := &conformancev1.ConformancePayload_RequestInfo{RequestHeaders: asHeaders(call.RequestHeader())}
	if query := call.Peer().Query; len(query) > 0 {
		info.ConnectGetInfo = &conformancev1.ConformancePayload_ConnectGetInfo{QueryParams: asHeaders(query)}
	}
	if deadline, ok := ctx.Deadline(); ok {
		info.TimeoutMs = new(time.Until(deadline).Milliseconds())
	}
	for _, r := range requests {
		packed, err := anypb.New(r)
		if err != nil {
			return nil, err
		}
		info.Requests = append(info.Requests, packed)
	}
	return info, nil
}

// asError returns the error that is asked for, with what was seen unless that is nil.
func asError(asked *conformancev1.Error, seen proto.Message) *connect.Error {
	err := connect.NewError(connect.Code(asked.GetCode()), errors.New(asked.GetMessage())) //nolint:gosec // codes are below 17
	details := make([]proto.Message, 0, len(asked.GetDetails())+1)
	for _, d := range asked.GetDetails() {
		details = append(details, d)
	}
	if seen != nil {
		details = append(details, seen)
	}
	for _, d := range details {
		detail, failed := connect.NewErrorDetail(d)
		if failed != nil {
			return connect.NewError(connect.CodeInternal, failed)
		}
		err.AddDetail(detail)
	}
	return err
}

// pause waits as long as the suite wants an answer to take.
func pause(ctx context.Context, milliseconds uint32) error {
	timer := time.NewTimer(time.Duration(milliseconds) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func addHeaders(to http.Header, list []*conformancev1.Header) {
	for _, h := range list {
		for _, v := range h.GetValue() {
			to.Add(h.GetName(), v)
		}
	}
}

func asHeaders(from map[string][]string) (list []*conformancev1.Header) {
	for name, values := range from {
		list = append(list, &conformancev1.Header{Name: name, Value: values})
	}
	return list
}
