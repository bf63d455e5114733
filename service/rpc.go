package service

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// rpc is ChannelService. Connect, gRPC and gRPC-Web all arrive here.
type rpc struct{ s *Service }

func (s *Service) rpcHandler(options ...connect.HandlerOption) (string, http.Handler) {
	return manyvoxv1connect.NewChannelServiceHandler(rpc{s}, options...)
}

// Health describes the channels.
func (a rpc) Health(ctx context.Context, _ *manyvoxv1.HealthRequest) (*manyvoxv1.HealthResponse, error) {
	res := &manyvoxv1.HealthResponse{
		Status:  manyvoxv1.HealthResponse_STATUS_SERVING,
		Version: a.s.version,
	}
	if a.s.draining.Load() {
		res.Status = manyvoxv1.HealthResponse_STATUS_DRAINING
	}
	for _, in := range a.s.instances {
		res.Channels = append(res.Channels, &manyvoxv1.ChannelHealth{
			Name:         in.Name,
			Type:         in.Type.Name,
			Capabilities: in.Capabilities(),
			LastError:    in.lastErrorText(),
		})
	}
	a.s.addJournalHealth(ctx, res)
	return res, nil
}

// Receive answers with the collected replies.
func (a rpc) Receive(ctx context.Context, req *manyvoxv1.ReceiveRequest) (*manyvoxv1.ReceiveResponse, error) {
	d, m, err := a.enter(req)
	if err != nil {
		return nil, connectError(err, nil)
	}
	var c channels.Collector
	err = d.Ask(ctx, m, &c)
	res := &manyvoxv1.ReceiveResponse{Replies: repliesOf(c.Replies), MessageId: m.ID}
	if err != nil {
		return nil, connectError(err, res)
	}
	return res, nil
}

// ReceiveStream answers with each reply as it comes.
func (a rpc) ReceiveStream(
	ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, stream *connect.ServerStream[manyvoxv1.ReceiveStreamResponse],
) error {
	d, m, err := a.enter(req)
	if err != nil {
		return connectError(err, nil)
	}
	if err := d.Ask(ctx, m, newRPCStream(stream.Send, d.in.SplitParagraphs)); err != nil {
		return connectError(err, nil)
	}
	return nil
}

// enter finds the door a request names. The message gets its id here, so that the
// answer can tell it.
func (a rpc) enter(req request) (door, channels.Message, error) {
	name := req.GetChannel()
	if name == "" {
		name = "rest"
	}
	in, ok := a.s.byName[name]
	if !ok {
		return door{}, channels.Message{}, a.s.unknownChannel(name)
	}
	if !in.Type.RPC {
		return door{}, channels.Message{}, channels.Errorf(channels.CodeFailedPrecondition,
			"channel %s: type %s is not open to RPC: write to it the way its platform does", name, in.Type.Name)
	}
	m, err := messageOf(req)
	d := door{s: a.s, in: in, parsed: true, made: m.ID == ""}
	if d.made {
		m.ID = newID()
	}
	return d, m, err
}

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

var _ manyvoxv1connect.ChannelServiceHandler = rpc{}
