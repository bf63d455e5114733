package openai

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

const (
	maxPage     = 16 << 10        // of an error page
	pageTimeout = 2 * time.Second // to read it

	// mendTime is how long it takes at least until somebody has seen to an account.
	mendTime = 30 * time.Second
	// statusOverloaded is what some servers send in place of 503.
	statusOverloaded = 529
)

// failure returns the error of Answer for a request, or the reading of its answer, that failed
// with err.
func (x *exchange) failure(ctx context.Context, err error) error {
	sent := x.sent.Load()
	switch {
	case ctx.Err() != nil && !sent:
		return agents.NotReached(contextError(ctx))
	case ctx.Err() != nil:
		return contextError(ctx)
	case !sent: // no connection, or none that took the request
		return &agents.RetryableError{Err: &channels.Error{
			Code: channels.CodeUnavailable, Message: "agent openai: the server cannot be reached",
			RetryAfter: agents.DefaultRetryAfter, Err: agents.DialError(err, x.agent.secrets),
		}}
	}
	return brokenAnswer(agents.ConnectionError(err))
}

// contextError returns the error of a turn whose context has ended. No retry follows.
func contextError(ctx context.Context) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errFirstByte):
		return &channels.Error{Code: channels.CodeDeadlineExceeded, Message: "agent openai: the server does not answer", Err: cause}
	case errors.Is(cause, errIdle):
		return &channels.Error{Code: channels.CodeDeadlineExceeded, Message: "agent openai: the server has gone quiet", Err: cause}
	}
	return agents.EndedError(ctx, "openai")
}

// statusError returns the error that a status other than 200 means. The server has refused a
// request unread by 429 and 503, and by 402, which says that the account has nothing left. A 502
// is not retried: the proxy that sends it may have handed the request on.
func (x *exchange) statusError(res *http.Response) error {
	page := readErrorPage(x.readPage(res.Body))
	err := &channels.Error{Code: channels.CodeAgentFailed, Message: statusText(res.StatusCode), Err: page.cause(x.agent.secrets)}
	after := readRetryAfter(res.Header)
	switch status := res.StatusCode; {
	case page.isContextLength():
		return tooLong()
	case page.isContentFilter():
		return filteredAnswer()
	case status == http.StatusUnauthorized: // its words quote a part of the key
		err.Err = errors.New("check api_key and headers")
	case status == http.StatusPaymentRequired, status == http.StatusTooManyRequests && page.isQuota():
		err.Code, err.RetryAfter = channels.CodeOverloaded, max(after, mendTime)
		return agents.NotReached(err)
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		err.Err = errors.Join(errors.New("check base_url and model"), err.Err)
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, status == statusOverloaded:
		err.Code, err.RetryAfter = channels.CodeOverloaded, max(after, agents.DefaultRetryAfter)
		return &agents.RetryableError{After: after, Err: err}
	case status >= 300 && status < 400:
		err.Err = errors.New("redirects are not followed: write the address it leads to into base_url")
	default:
		err.Code = codeOf(status)
	}
	return err
}

// codeOf is the code of a status that says that the server has seen the request. One that it
// does not take it would not take again.
func codeOf(status int) channels.Code {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return channels.CodeTooLarge
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return channels.CodeDeadlineExceeded
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType:
		return channels.CodeFailedPrecondition
	}
	return channels.CodeAgentFailed
}

// readPage reads an error page, soon, since not even its end is certain.
func (x *exchange) readPage(body io.Reader) []byte {
	defer time.AfterFunc(pageTimeout, func() { x.cancel(errIdle) }).Stop()
	page, _ := io.ReadAll(io.LimitReader(body, maxPage)) // the status alone says enough
	return page
}

// readRetryAfter reads the header in milliseconds that OpenAI and Azure send, or the standard
// one.
func readRetryAfter(h http.Header) time.Duration {
	const longest = 24 * time.Hour
	if ms, err := strconv.ParseInt(h.Get("Retry-After-Ms"), 10, 64); err == nil && ms > 0 {
		return time.Duration(min(ms, longest.Milliseconds())) * time.Millisecond
	}
	return channels.ReadRetryAfter(h)
}
