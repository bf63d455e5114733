package main

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	conformancev1 "github.com/manyvox/manyvox/tools/conformance/gen/connectrpc/conformance/v1"
)

// streamAnswer answers by a stream of responses.
type streamAnswer struct {
	ctx  context.Context // the call's
	how  *conformancev1.StreamResponseDefinition
	conn connect.StreamingHandlerConn
	send func(*conformancev1.ConformancePayload) error
	sent int
	// requests are those that no response has told of.
	requests []proto.Message
}

// newStreamAnswer sets the headers and trailers. Nothing is sent yet.
func newStreamAnswer(
	ctx context.Context, how *conformancev1.StreamResponseDefinition, conn connect.StreamingHandlerConn,
	send func(*conformancev1.ConformancePayload) error,
) *streamAnswer {
	addHeaders(conn.ResponseHeader(), how.GetResponseHeaders())
	addHeaders(conn.ResponseTrailer(), how.GetResponseTrailers())
	return &streamAnswer{ctx: ctx, how: how, conn: conn, send: send}
}

// isDone reports whether all responses are sent.
func (s *streamAnswer) isDone() bool { return s.sent == len(s.how.GetResponseData()) }

// next sends one more response. The first tells all that was seen of the call, the others the
// requests that came since.
func (s *streamAnswer) next() error {
	payload := &conformancev1.ConformancePayload{Data: s.how.GetResponseData()[s.sent]}
	seen, err := requestInfo(s.ctx, s.requests)
	switch {
	case err != nil:
		return err
	case s.sent == 0:
		payload.RequestInfo = seen
		if err := s.conn.Send(nil); err != nil { // the headers, before the pause
			return err
		}
	case len(s.requests) > 0:
		payload.RequestInfo = &conformancev1.ConformancePayload_RequestInfo{Requests: seen.GetRequests()}
	}
	if err := pause(s.ctx, s.how.GetResponseDelayMs()); err != nil {
		return err
	}
	s.sent++
	s.requests = nil
	return s.send(payload)
}

// finish sends what is left, and returns the error that shall end the stream.
func (s *streamAnswer) finish() error {
	for !s.isDone() {
		if err := s.next(); err != nil {
			return err
		}
	}
	switch {
	case s.how.GetError() == nil:
		return nil
	case s.sent > 0:
		return asError(s.how.GetError(), nil)
	}
	seen, err := requestInfo(s.ctx, s.requests)
	if err != nil {
		return err
	}
	return asError(s.how.GetError(), seen)
}
