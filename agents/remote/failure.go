package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// failure returns the error of Answer for a call that failed with err. Shown says that the user
// has seen something of the turn.
func (x *exchange) failure(err error, shown bool) error {
	sent := x.sent.Load()
	switch {
	case x.ctx.Err() != nil && !sent:
		return agents.NotReached(contextError(x.ctx))
	case x.ctx.Err() != nil:
		return contextError(x.ctx)
	case !sent: // no connection, or none that took the request
		return agents.NotReached(&channels.Error{
			Code: channels.CodeUnavailable, Message: "agent remote: the service cannot be reached",
			RetryAfter: agents.DefaultRetryAfter, Err: connectionError(err),
		})
	case errors.Is(err, channels.ErrAnswerTooLarge):
		return channels.ErrAnswerTooLarge
	case connect.IsWireError(err):
		return toldError(err, shown)
	case x.refusal != nil:
		return statusError(x.refusal)
	case connect.CodeOf(err) == connect.CodeResourceExhausted: // Connect's own: one message is over maxMessage
		return channels.ErrAnswerTooLarge
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent remote: the connection broke, or the answer of the service cannot be read",
		Err: connectionError(err),
	}
}

// connectionError keeps nothing of err that may be quoted from the answer, which may be an echo
// of the request.
func connectionError(err error) error {
	var network *net.OpError
	if errors.As(err, &network) {
		return network
	}
	return fmt.Errorf("no answer of the protocol (%v): check url and protocol, and the service's log", connect.CodeOf(err))
}

// contextError returns the error of a turn whose context has ended.
func contextError(ctx context.Context) error { return agents.EndedError(ctx, "remote") }

// statusError returns the error that a status other than 200 means: of a proxy, or of a server
// that does not have the service.
func statusError(res *http.Response) error {
	err := &channels.Error{
		Code:    channels.CodeAgentFailed,
		Message: strings.TrimSpace(fmt.Sprintf("agent remote: the server answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))),
		Err:     errors.New("check url, protocol and token"),
	}
	switch res.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable: // the message was refused unread
		err.Code, err.RetryAfter, err.Err = channels.CodeOverloaded, max(channels.ReadRetryAfter(res.Header), agents.DefaultRetryAfter), nil
		return agents.NotReached(err)
	case http.StatusGatewayTimeout:
		err.Code, err.Err = channels.CodeDeadlineExceeded, nil
	}
	return err
}

// toldError returns the error for one that the service has sent. Its text is for the log, since
// it may hold anything.
func toldError(err error, shown bool) error {
	var told *connect.Error
	if !errors.As(err, &told) {
		return err
	}
	e := &channels.Error{
		Code: channels.CodeAgentFailed, Message: fmt.Sprintf("agent remote: the service answered %v", told.Code()),
		Err: fmt.Errorf("%.300s", strings.ToValidUTF8(told.Message(), "?")),
	}
	switch told.Code() {
	case connect.CodeUnavailable, connect.CodeResourceExhausted:
		return busy(e, told, shown)
	case connect.CodeDeadlineExceeded:
		e.Code = channels.CodeDeadlineExceeded
	case connect.CodeInvalidArgument:
		e.Code = channels.CodeInvalid
	case connect.CodePermissionDenied:
		e.Code = channels.CodePermissionDenied
	case connect.CodeFailedPrecondition:
		e.Code = channels.CodeFailedPrecondition
	case connect.CodeUnauthenticated:
		e.Err = errors.New("check token")
	case connect.CodeNotFound, connect.CodeUnimplemented:
		e.Err = fmt.Errorf("check url and channel: %w", e.Err)
	}
	if reasonOf(told) == channels.ReasonLoop {
		e.Code, e.Reason = channels.CodeFailedPrecondition, channels.ReasonLoop
	}
	return e
}

// busy returns the error of a service that has not acted on the message. When the user has seen
// something of the turn it has.
func busy(e *channels.Error, told *connect.Error, shown bool) error {
	if shown {
		return e
	}
	if reason := reasonOf(told); reason == channels.CodeTooLarge.Reason() || reason == channels.ReasonRepliesTooLarge {
		e.Code = channels.CodeTooLarge
		return e
	}
	e.Code, e.RetryAfter = channels.CodeOverloaded, max(pauseOf(told), agents.DefaultRetryAfter)
	if told.Code() == connect.CodeUnavailable {
		e.Code = channels.CodeUnavailable
	}
	return agents.NotReached(e)
}

// reasonOf returns the reason that an error of Manyvox has.
func reasonOf(told *connect.Error) channels.Reason {
	for _, d := range told.Details() {
		if v, err := d.Value(); err == nil {
			if info, ok := v.(*errdetails.ErrorInfo); ok {
				return channels.Reason(info.GetReason())
			}
		}
	}
	return ""
}

// pauseOf returns how long the service asks to wait.
func pauseOf(told *connect.Error) time.Duration {
	const longest = 24 * time.Hour
	for _, d := range told.Details() {
		if v, err := d.Value(); err == nil {
			if info, ok := v.(*errdetails.RetryInfo); ok {
				return min(max(0, info.GetRetryDelay().AsDuration()), longest)
			}
		}
	}
	return channels.ReadRetryAfter(told.Meta())
}
