package remote

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// Agent hands each turn to a service. It keeps no state of a conversation.
type Agent struct {
	http    *http.Client
	service manyvoxv1connect.ChannelServiceClient
	token   channels.Secret
	channel string
	sender  agents.Template
}

// Answer calls the service and gives what it says to r. Its errors are of type *channels.Error,
// ctx.Err() when that was canceled, or r's own. What the service has surely not seen is marked
// by agents.NotReached.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if ctx.Err() != nil {
		return agents.NotReached(contextError(ctx))
	}
	x := &exchange{ctx: ctx}
	call, cancel := context.WithCancel(withExchange(ctx, x))
	defer x.release()
	defer cancel()
	err := a.call(call, x, t, r)
	if ctx.Err() != nil && x.sent.Load() {
		a.stop(ctx, t)
	}
	return err
}

// call makes the call and reads its events. The stream is closed once ctx is canceled, so that
// nothing more of it is read.
func (a *Agent) call(ctx context.Context, x *exchange, t agents.Turn, r channels.Replier) error {
	outgoing, info := connect.NewClientContext(ctx)
	a.setHeaders(info.RequestHeader(), t)
	stream, err := a.service.ReceiveStream(outgoing, a.requestOf(x.ctx, t))
	if err != nil {
		return x.failure(err, false)
	}
	d := &decoder{replier: r, recipient: t.Message.Sender}
	for stream.Receive() {
		if err := d.event(x.ctx, stream.Msg()); err != nil {
			return err // Answer cancels the call, which ends the stream
		}
	}
	if err := stream.Err(); err != nil {
		return x.failure(err, d.shown)
	}
	if err := stream.Close(); err != nil {
		return x.failure(err, d.shown)
	}
	return d.end(x.ctx)
}

func (a *Agent) setHeaders(h http.Header, t agents.Turn) {
	h.Set("Manyvox-Attempt", strconv.Itoa(t.Attempt))
	if t.Hops != "" {
		h.Set("Manyvox-Hops", t.Hops)
	}
	if a.token != "" {
		h.Set("Authorization", "Bearer "+a.token.Reveal())
	}
}

// stopTimeout bounds the call of Stop: a turn must end soon after its ctx.
const stopTimeout = 2 * time.Second

// stop tells the service that nobody waits for the message any more. A turn with a message_id
// goes on there when its caller goes away, and that is right when this program ends or the
// answer takes too long: the message comes again, and joins it. A service that does not know
// Stop has seen the call's end.
func (a *Agent) stop(ended context.Context, t agents.Turn) {
	if channels.AsError(context.Cause(ended)).Code != channels.CodeCanceled {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ended), stopTimeout)
	defer cancel()
	outgoing, info := connect.NewClientContext(ctx)
	a.setHeaders(info.RequestHeader(), t)
	_, _ = a.service.Stop(outgoing, &manyvoxv1.StopRequest{
		Channel: a.channel, Sender: a.sender.Fill(t.Message.Conversation()), MessageId: t.Message.ID,
	}) // best effort
}

// Close closes the connections that no turn uses.
func (a *Agent) Close(context.Context) error {
	a.http.CloseIdleConnections()
	return nil
}

var (
	_ agents.Agent  = (*Agent)(nil)
	_ agents.Closer = (*Agent)(nil)
)
