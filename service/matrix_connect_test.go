package service_test

import (
	"context"
	"errors"
	"testing"

	"connectrpc.com/connect"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/servicetest"
)

// connectCaller speaks Connect or gRPC-Web by connect-go.
type connectCaller struct {
	plain, zipping manyvoxv1connect.ChannelServiceClient
}

// What makes a connect-go client speak something other than Connect with binary
// protobuf.
func jsonCodec() []connect.ClientOption { return []connect.ClientOption{connect.WithProtoJSON()} }
func grpcWeb() []connect.ClientOption   { return []connect.ClientOption{connect.WithGRPCWeb()} }

func dialConnect(over servicetest.ClientOf, options ...connect.ClientOption) func(*testing.T, *servicetest.Running) caller {
	return func(_ *testing.T, h *servicetest.Running) caller {
		return &connectCaller{
			plain: manyvoxv1connect.NewChannelServiceClient(over(h), h.URL, options...),
			zipping: manyvoxv1connect.NewChannelServiceClient(over(h), h.URL,
				connect.WithClientOptions(options...), connect.WithSendGzip()),
		}
	}
}

func (c *connectCaller) call(ctx context.Context, m call, show func(event)) result {
	ctx = servicetest.WithToken(ctx, m.token)
	if m.stream {
		return connectResult(c.stream(ctx, m, show))
	}
	return connectResult(c.receive(ctx, m))
}

func (c *connectCaller) client(m call) manyvoxv1connect.ChannelServiceClient {
	if m.gzip {
		return c.zipping
	}
	return c.plain
}

func (c *connectCaller) receive(ctx context.Context, m call) ([]event, error) {
	req, err := m.request()
	if err != nil {
		return nil, err
	}
	res, err := c.client(m).Receive(ctx, req)
	return eventsOf(res), err
}

func (c *connectCaller) stream(ctx context.Context, m call, show func(event)) (events []event, _ error) {
	req, err := m.streamRequest()
	if err != nil {
		return nil, err
	}
	s, err := c.client(m).ReceiveStream(ctx, req)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for s.Receive() {
		e, shows := eventOf(s.Msg())
		if !shows {
			continue
		}
		events = append(events, e)
		show(e)
	}
	return events, s.Err()
}

func connectResult(events []event, err error) result {
	r := result{events: events}
	var e *connect.Error
	switch {
	case err == nil:
		return r
	case !errors.As(err, &e):
		r.failure = &failure{message: err.Error()}
		return r
	}
	r.failure = &failure{rpc: uint32(e.Code()), message: e.Message(), retryAfter: e.Meta().Get("Retry-After")}
	for _, d := range e.Details() {
		if v, err := d.Value(); err == nil {
			if partial, ok := v.(*manyvoxv1.ReceiveResponse); ok {
				r.events = append(r.events, eventsOf(partial)...)
			}
		}
	}
	return r
}

var _ caller = (*connectCaller)(nil)
