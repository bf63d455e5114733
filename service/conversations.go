package service

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
)

// conversations is ConversationService. Its callers have been let in already.
type conversations struct{ s *Service }

// The number of rows of a page.
const (
	defaultPage = 100
	mostPage    = 1000
)

// Conversations returns ConversationService without its guard, for a program that has
// the journal open and asks itself.
func (s *Service) Conversations() manyvoxv1connect.ConversationServiceHandler {
	return conversations{s}
}

func (s *Service) conversationsHandler(options ...connect.HandlerOption) (string, http.Handler) {
	path, handler := manyvoxv1connect.NewConversationServiceHandler(conversations{s},
		connect.WithHandlerOptions(options...), connect.WithInterceptors(refusals{}))
	return path, s.guarded(handler, options...)
}

// DeleteConversation deletes what is kept of a conversation.
func (c conversations) DeleteConversation(
	ctx context.Context, req *manyvoxv1.DeleteConversationRequest,
) (*manyvoxv1.DeleteConversationResponse, error) {
	if err := required(req); err != nil {
		return nil, err
	}
	conversation := channels.Conversation{Channel: req.GetChannel(), Sender: req.GetSender()}
	n, err := c.s.journal.Forget(ctx, conversation)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	c.s.log.InfoContext(ctx, "conversation deleted", "channel", conversation.Channel, "conversation", conversationHash(conversation), "rows", n)
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
		return channels.Errorf(channels.CodeInvalid, "channel: required")
	case req.GetSender() == "":
		return channels.Errorf(channels.CodeInvalid, "sender: required")
	}
	return nil
}

// failed tells a caller that the journal did, and the log why.
func (c conversations) failed(ctx context.Context, err error) error {
	var swept *journal.SweptError
	switch {
	case errors.As(err, &swept):
		return channels.Errorf(channels.CodeOutOfRange,
			"events above this cursor were deleted for their age; the oldest cursor that can be given is %d", swept.Oldest)
	case errors.Is(err, journal.ErrClosed):
		return errDraining
	case ctx.Err() != nil:
		return channels.AsError(ctx.Err())
	}
	c.s.log.ErrorContext(ctx, "journal: a call failed", "error", err)
	return &channels.Error{
		Code: channels.CodeUnavailable, RetryAfter: retryAfter, Message: "the journal does not answer now; the log tells why", Err: err,
	}
}

// pageSize returns how many rows a page holds.
func pageSize(wanted int32) (int, error) {
	switch {
	case wanted < 0:
		return 0, channels.Errorf(channels.CodeInvalid, "page_size: negative")
	case wanted == 0:
		return defaultPage, nil
	}
	return min(int(wanted), mostPage), nil
}

// pageToken is what a list goes on from: a cursor or an id, which clients need not know.
func pageToken(n int64) string { return strconv.FormatInt(n, 10) }

// pageStart reads a pageToken; empty gives first.
func pageStart(token string, first int64) (int64, error) {
	if token == "" {
		return first, nil
	}
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil || n < 0 {
		return 0, channels.Errorf(channels.CodeInvalid, "page_token: not one that a list gave")
	}
	return n, nil
}

var _ manyvoxv1connect.ConversationServiceHandler = conversations{}
