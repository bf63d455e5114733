package service_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/servicetest"
)

// grpcCaller speaks gRPC by grpc-go, which shares no code with the server.
type grpcCaller struct{ conn *grpc.ClientConn }

func dialGRPC(t *testing.T, h *servicetest.Running) caller {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:"+h.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &grpcCaller{conn}
}

func (c *grpcCaller) call(ctx context.Context, m call, show func(event)) result {
	if m.token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+m.token)
	}
	var options []grpc.CallOption
	if m.gzip {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	var events []event
	var trailer metadata.MD
	var err error
	if m.stream {
		events, trailer, err = c.stream(ctx, m, show, options)
	} else {
		events, err = c.receive(ctx, m, append(options, grpc.Trailer(&trailer)))
	}
	return grpcResult(events, trailer, err)
}

func (c *grpcCaller) receive(ctx context.Context, m call, options []grpc.CallOption) ([]event, error) {
	req, err := m.request()
	if err != nil {
		return nil, err
	}
	res := &manyvoxv1.ReceiveResponse{}
	err = c.conn.Invoke(ctx, manyvoxv1connect.ChannelServiceReceiveProcedure, req, res, options...)
	return eventsOf(res), err
}

func (c *grpcCaller) stream(
	ctx context.Context, m call, show func(event), options []grpc.CallOption,
) (events []event, _ metadata.MD, _ error) {
	req, err := m.streamRequest()
	if err != nil {
		return nil, nil, err
	}
	s, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true},
		manyvoxv1connect.ChannelServiceReceiveStreamProcedure, options...)
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(s.SendMsg(req), s.CloseSend()); err != nil && !errors.Is(err, io.EOF) { // then RecvMsg has the error
		return nil, nil, err
	}
	for {
		res := &manyvoxv1.ReceiveStreamResponse{}
		switch err := s.RecvMsg(res); {
		case errors.Is(err, io.EOF):
			return events, s.Trailer(), nil
		case err != nil:
			return events, s.Trailer(), err
		}
		e, shows := eventOf(res)
		if !shows {
			continue
		}
		events = append(events, e)
		show(e)
	}
}

func grpcResult(events []event, trailer metadata.MD, err error) result {
	r := result{events: events}
	if err == nil {
		return r
	}
	st := status.Convert(err)
	r.failure = &failure{
		rpc: uint32(st.Code()), message: st.Message(),
		retryAfter: strings.Join(trailer.Get("retry-after"), ","),
	}
	for _, d := range st.Details() {
		if partial, ok := d.(*manyvoxv1.ReceiveResponse); ok {
			r.events = append(r.events, eventsOf(partial)...)
		}
	}
	return r
}

var _ caller = (*grpcCaller)(nil)
