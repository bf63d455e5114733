package rpc

import (
	"cmp"
	"context"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/instance"
)

// defaultChannel is the channel of a request that names none.
const defaultChannel = "rest"

// ChannelService is manyvox.v1.ChannelService. Connect, gRPC and gRPC-Web all arrive
// here.
type ChannelService struct {
	Channels *instance.Registry
	Door     Door
	InFlight *instance.InFlight
}

// Door is the way in for messages.
type Door interface {
	// AskDecoded is channels.Inbox's Ask for a message whose metadata is known to be
	// JSON. ByCaller says whether the message's id is the caller's own.
	AskDecoded(ctx context.Context, in *instance.Instance, m channels.Message, byCaller bool, r channels.Replier) error
	// Stop ends the turn of a message to which its caller gave an id, and reports whether it
	// had one in this program.
	Stop(ctx context.Context, in *instance.Instance, sender, messageID string) (stopped bool, err error)
}

// Health tells what anybody may know: it asks for no token.
func (s ChannelService) Health(context.Context, *manyvoxv1.HealthRequest) (*manyvoxv1.HealthResponse, error) {
	res := &manyvoxv1.HealthResponse{Status: manyvoxv1.HealthResponse_STATUS_SERVING}
	if s.InFlight.IsDraining() {
		res.Status = manyvoxv1.HealthResponse_STATUS_DRAINING
	}
	for _, in := range s.Channels.All() {
		res.Channels = append(res.Channels, &manyvoxv1.ChannelHealth{
			Name: in.Name, Type: in.Type.Name, Capabilities: in.Capabilities(),
		})
	}
	return res, nil
}

// Receive answers with the collected replies.
func (s ChannelService) Receive(ctx context.Context, req *manyvoxv1.ReceiveRequest) (*manyvoxv1.ReceiveResponse, error) {
	a, err := s.admit(req)
	if err != nil {
		return nil, connectError(err, nil)
	}
	defer a.in.Leave()
	var c channels.Collector
	err = s.ask(ctx, a, &c)
	res := &manyvoxv1.ReceiveResponse{Replies: repliesOf(c.Replies), MessageId: a.message.ID}
	if err == nil && areTooLarge(c.Replies, res) {
		return nil, connectError(errRepliesTooLarge, nil)
	}
	if err != nil {
		return nil, connectError(err, res)
	}
	return res, nil
}

// ReceiveStream answers with each reply as it comes.
func (s ChannelService) ReceiveStream(
	ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, stream *connect.ServerStream[manyvoxv1.ReceiveStreamResponse],
) error {
	a, err := s.admit(req)
	if err != nil {
		return connectError(err, nil)
	}
	defer a.in.Leave()
	replier := newStreamReplier(a.message.ID, stream.Send, a.in.Splits)
	err = s.ask(ctx, a, replier)
	replier.finish(err)
	if err != nil {
		return connectError(err, nil)
	}
	return nil
}

// ask is a request that was read: its channel, and the message, which has an id so that
// the answer can tell it.
type ask struct {
	in       *instance.Instance
	message  channels.Message
	byCaller bool // the id is the caller's
}

// ask sends the message through the door. It may be repeated only when its id is the
// caller's: an id that we made is new each time.
func (s ChannelService) ask(ctx context.Context, a ask, r channels.Replier) error {
	return s.Door.AskDecoded(ctx, a.in, a.message, a.byCaller, r)
}

// admit reads a request. Its channel must be open to RPC. Unless it fails, the channel's
// instance is entered.
func (s ChannelService) admit(req request) (a ask, err error) {
	if a.in, err = s.enter(req.GetChannel()); err != nil {
		return a, err
	}
	a.message, err = messageOf(req)
	if err != nil {
		a.in.Leave()
	}
	a.byCaller = a.message.ID != ""
	if !a.byCaller {
		a.message.ID = instance.NewMessageID()
	}
	return a, err
}

// enter finds a channel, which must be open to RPC, and enters its instance unless it fails.
func (s ChannelService) enter(name string) (*instance.Instance, error) {
	in, err := s.Channels.Enter(cmp.Or(name, defaultChannel))
	if err != nil {
		return nil, err
	}
	if !in.Type.RPC {
		in.Leave()
		return nil, notOpen(in)
	}
	return in, nil
}

// notOpen is the error of a call about a channel that is not open to RPC.
func notOpen(in *instance.Instance) error {
	return channels.Errorf(channels.CodeFailedPrecondition,
		"channel %s: type %s is not open to RPC: write to it the way its platform does", in.Name, in.Type.Name).
		Because(channels.ReasonChannelNotOpen)
}

var _ manyvoxv1connect.ChannelServiceHandler = ChannelService{}
