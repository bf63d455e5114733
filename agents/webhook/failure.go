package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// failure returns the error of Answer for a request, or the reading of its response, that
// failed with err.
func (x *exchange) failure(err error) error {
	sent := x.sent.Load()
	switch {
	case x.ctx.Err() != nil && !sent:
		return agents.NotReached(contextError(x.ctx))
	case x.ctx.Err() != nil:
		return contextError(x.ctx)
	case !sent: // no connection, or none that took the request
		return agents.NotReached(&channels.Error{
			Code: channels.CodeUnavailable, Message: "agent webhook: the server cannot be reached",
			RetryAfter: agents.DefaultRetryAfter, Err: agents.ConnectionError(err),
		})
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent webhook: the connection broke before the answer was complete",
		Err: agents.ConnectionError(err),
	}
}

// contextError returns the error of a turn whose context has ended.
func contextError(ctx context.Context) error { return agents.EndedError(ctx, "webhook") }

// statusError returns the error that a status other than 2xx means. It does not quote the
// page, which may hold anything.
func statusError(res *http.Response) error {
	err := &channels.Error{
		Code:    channels.CodeAgentFailed,
		Message: strings.TrimSpace(fmt.Sprintf("agent webhook: the server answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))),
		Err:     hint(res.StatusCode),
	}
	switch res.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable: // the message was refused unread
		err.Code, err.RetryAfter = channels.CodeOverloaded, max(channels.ReadRetryAfter(res.Header), agents.DefaultRetryAfter)
		return agents.NotReached(err)
	case http.StatusGatewayTimeout:
		err.Code = channels.CodeDeadlineExceeded
	}
	return err
}

// hint returns what the operator should check for a status.
func hint(status int) error {
	switch {
	case status >= 300 && status < 400:
		return errors.New("redirects are not followed: write the address it leads to into url")
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return errors.New("check secret and headers")
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return errors.New("check url")
	}
	return nil
}
