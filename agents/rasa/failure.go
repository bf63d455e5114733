package rasa

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	pageLimit   = 4 << 10         // of an error page
	pageTimeout = 2 * time.Second // to read it
)

// failure says what it means that the request or the reading of its answer failed.
func (x *exchange) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return over(ctx)
	}
	if !x.sent.Load() { // no connection, or none that took the request
		return &turnedAway{err: &channels.Error{
			Code: channels.CodeUnavailable, Message: "agent rasa: the server cannot be reached",
			RetryAfter: tryLater, Err: x.agent.cause(err),
		}}
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent rasa: the connection broke before the answer was complete",
		Err: broken(err),
	}
}

// broken keeps nothing of err that net/http may have quoted from the answer, which may
// be an echo of the request, whole or in pieces.
func broken(err error) error {
	var wrapped *url.Error // is a net.Error too, and holds the address
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var network net.Error
	if errors.As(err, &network) {
		return network
	}
	return errors.New("the connection broke, or the answer is not HTTP")
}

// over is the error of a context that has ended. None of them may be tried again:
// Rasa may be at work on the turn.
func over(ctx context.Context) error {
	switch {
	case errors.Is(context.Cause(ctx), errIdle):
		return &channels.Error{
			Code: channels.CodeDeadlineExceeded, Message: "agent rasa: the server has gone quiet", Err: errIdle,
		}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &channels.Error{
			Code: channels.CodeDeadlineExceeded, Message: "agent rasa: the answer took too long", Err: ctx.Err(),
		}
	}
	return ctx.Err()
}

// cause makes an error fit for the log: without the address, which holds the token,
// and without secrets in what the server has sent and net/http quotes.
func (a *Agent) cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if text := a.secrets.Replace(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// refusal says what a status other than 200 means. What the page says is not passed
// on: it may hold anything.
func (x *exchange) refusal(cancel context.CancelCauseFunc, res *http.Response) error {
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
		err.Code, err.RetryAfter = channels.CodeOverloaded, max(after, tryLater)
		return &turnedAway{after: after, err: err}
	case http.StatusBadGateway:
		return &turnedAway{after: after, err: err}
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
	page, _ := io.ReadAll(io.LimitReader(body, pageLimit)) // the status alone says enough
	return page
}

// hint tells the operator what is probably wrong.
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

// garbled is the error of an answer that is not what Rasa's REST channel sends.
func garbled(format string, args ...any) *channels.Error {
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent rasa: the server's answer cannot be read",
		Err: fmt.Errorf(format, args...),
	}
}
