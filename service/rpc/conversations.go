package rpc

import (
	"context"
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
)

// Conversations is manyvox.v1.ConversationService. Its methods ask for no token: its
// Handler does.
type Conversations struct {
	Events
	DeadLetters
	Sends
	Forgets
	Statuses
	ChannelLogs
	Reloads
	Pauses
}

// GetStatus tells how the program is doing, and which configuration is in use.
func (c Conversations) GetStatus(ctx context.Context, req *manyvoxv1.GetStatusRequest) (*manyvoxv1.GetStatusResponse, error) {
	res, err := c.Statuses.GetStatus(ctx, req)
	if err == nil {
		c.addTo(res)
		c.addPaused(ctx, res)
	}
	return res, err
}

// Handler returns the path and the handler of the service, which asks for the operator's
// token before anything of a request is read.
func (c Conversations) Handler(guard auth.Guard, options ...connect.HandlerOption) (string, http.Handler) {
	path, handler := manyvoxv1connect.NewConversationServiceHandler(c,
		connect.WithHandlerOptions(options...), connect.WithInterceptors(errorConverter{}))
	return path, guarded(handler, guard, options...)
}

// guarded refuses in the caller's protocol.
func guarded(next http.Handler, guard auth.Guard, options ...connect.HandlerOption) http.Handler {
	answers := connect.NewErrorWriter(options...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard.CheckOperator(r.Context()); err != nil {
			_ = answers.Write(w, r, connectError(err, nil)) // a caller that is gone needs no answer
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Forgets is the call that deletes a conversation.
type Forgets struct {
	Journal interface {
		Forget(ctx context.Context, c channels.Conversation) (int, error)
	}
	Log *slog.Logger
}

// DeleteConversation deletes what is kept of a conversation.
func (f Forgets) DeleteConversation(
	ctx context.Context, req *manyvoxv1.DeleteConversationRequest,
) (*manyvoxv1.DeleteConversationResponse, error) {
	if err := required(req); err != nil {
		return nil, err
	}
	conversation := channels.Conversation{Channel: req.GetChannel(), Sender: req.GetSender()}
	n, err := f.Journal.Forget(ctx, conversation)
	if err != nil {
		return nil, instance.JournalFailed(ctx, f.Log, err)
	}
	f.Log.InfoContext(ctx, "conversation deleted", "channel", conversation.Channel,
		"conversation", instance.ConversationHash(conversation), "rows", n)
	return &manyvoxv1.DeleteConversationResponse{Rows: int64(n)}, nil
}

// ofConversation is what requests about a conversation have in common.
type ofConversation interface {
	GetChannel() string
	GetSender() string
}

// required wants a conversation to be named.
func required(req ofConversation) error {
	switch {
	case req.GetChannel() == "":
		return channels.InvalidField("channel", "required")
	case req.GetSender() == "":
		return channels.InvalidField("sender", "required")
	}
	return nil
}

var _ manyvoxv1connect.ConversationServiceHandler = Conversations{}
