package rasa

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

const (
	maxPage     = 4 << 10         // of an error page
	pageTimeout = 2 * time.Second // to read it
)

// failure returns the error of Answer for a request, or the reading of its response, that
// failed with err.
func (x *exchange) failure(ctx context.Context, err error) error {
	sent := x.sent.Load()
	switch {
	case ctx.Err() != nil && !sent:
		return agents.NotReached(contextError(ctx))
	case ctx.Err() != nil:
		return contextError(ctx)
	case !sent: // no connection, or none that took the request
		return &agents.RetryableError{Err: &channels.Error{
			Code: channels.CodeUnavailable, Message: "agent rasa: the server cannot be reached",
			RetryAfter: agents.DefaultRetryAfter, Err: agents.DialError(err, x.agent.secrets),
		}}
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent rasa: the connection broke before the answer was complete",
		Err: agents.ConnectionError(err),
	}
}

// contextError returns the error of a turn whose context has ended. No retry follows.
func contextError(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), errIdle) {
		return &channels.Error{
			Code: channels.CodeDeadlineExceeded, Message: "agent rasa: the server has gone quiet", Err: errIdle,
		}
	}
	return agents.EndedError(ctx, "rasa")
}

// statusError returns the error that a status other than 200 means. It does not quote the
// page, which may hold anything. A 502 is not retried: the proxy that sends it may have
// handed the message on before the connection to Rasa broke.
func (x *exchange) statusError(cancel context.CancelCauseFunc, res *http.Response) error {
	err := &channels.Error{
		Code:    channels.CodeAgentFailed,
		Message: strings.TrimSpace(fmt.Sprintf("agent rasa: the server answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))),
		Err:     hint(res.StatusCode),
	}
	after := channels.ReadRetryAfter(res.Header)
	switch res.StatusCode {
	case http.StatusServiceUnavailable:
		if timedOut(readPage(res.Body, cancel)) {
			err.Code = channels.CodeDeadlineExceeded
			return err
		}
		fallthrough
	case http.StatusTooManyRequests:
		err.Code, err.RetryAfter = channels.CodeOverloaded, max(after, agents.DefaultRetryAfter)
		return &agents.RetryableError{After: after, Err: err}
	case http.StatusGatewayTimeout:
		err.Code = channels.CodeDeadlineExceeded
	}
	return err
}

// timedOut knows the 503 by which Rasa's server ends a turn that took too long: the
// turn had begun, so sending it again would make a second one.
// https://sanic.dev/en/guide/running/configuration.html#responsetimeout
func timedOut(page []byte) bool { return bytes.Contains(page, []byte("Response Timeout")) }

// readPage reads an error page, soon, since not even its end is certain.
func readPage(body io.Reader, cancel context.CancelCauseFunc) []byte {
	defer time.AfterFunc(pageTimeout, func() { cancel(errIdle) }).Stop()
	page, _ := io.ReadAll(io.LimitReader(body, maxPage)) // the status alone says enough
	return page
}

// hint returns what the operator should check for a status.
func hint(status int) error {
	switch {
	case status >= 300 && status < 400:
		return errors.New("redirects are not followed: write the address it leads to into url")
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return errors.New("check token and headers")
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return errors.New("check url and channel, and that Rasa's credentials.yml lists the channel")
	}
	return nil
}

// badResponse returns the error of a response that Rasa's REST channel would not send.
func badResponse(format string, args ...any) *channels.Error {
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent rasa: the server's answer cannot be read",
		Err: fmt.Errorf(format, args...),
	}
}
