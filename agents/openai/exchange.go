package openai

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/agents"
)

// drainTimeout is how long the end of an answer is waited for that has said all, so that the
// connection can serve the next turn.
const drainTimeout = 250 * time.Millisecond

// endTimeout is how long the rest of an answer is waited for once the model has ended: it is the
// tokens that it cost, or nothing.
const endTimeout = 2 * time.Second

// The causes with which a WaitTimer ends an exchange.
var (
	errFirstByte = errors.New("no first byte came within first_byte_timeout")
	errIdle      = errors.New("no byte came within idle_timeout")
)

// exchange is one request and its answer.
type exchange struct {
	agent  *Agent
	cancel context.CancelCauseFunc
	// first runs from the request to the first byte of the answer, idle while we wait for
	// each further one.
	first, idle agents.WaitTimer
	sent        agents.Sent
}

// exchange sends the request once and reads the answer. An error of type *agents.RetryableError means
// that nothing was shown and that the request may be sent again.
func (a *Agent) exchange(ctx context.Context, req *http.Request, ans *answer) error {
	own, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x := &exchange{
		agent: a, cancel: cancel,
		first: agents.NewWaitTimer(a.config.FirstByteTimeout, func() { cancel(errFirstByte) }),
		idle:  agents.NewWaitTimer(a.config.IdleTimeout, func() { cancel(errIdle) }),
	}
	defer x.first.Stop()
	res, err := x.do(own, req)
	if err != nil {
		return x.failure(own, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return x.statusError(res)
	}
	body := &answerBody{body: res.Body, x: x, failure: func(err error) error { return x.failure(own, err) }}
	ans.ended = func() { x.idle.Shorten(endTimeout) }
	if err := ans.read(ctx, body); err != nil { // not own: a piece that was read in time is shown
		return err
	}
	if err := ans.complete(ctx); err != nil {
		return err
	}
	x.drain(res.Body)
	return nil
}

// do sends the request and returns the head of the answer.
func (x *exchange) do(ctx context.Context, req *http.Request) (*http.Response, error) {
	return x.agent.client.Do(req.WithContext(x.sent.Watch(ctx, x.first.Start)))
}

// drain reads what follows the answer, which should be its end.
func (x *exchange) drain(body io.Reader) {
	defer time.AfterFunc(drainTimeout, func() { x.cancel(errIdle) }).Stop()
	_, _ = io.CopyN(io.Discard, body, maxPage) // all was said
}

// newRequest returns a request to the API with a JSON body, whose answer is a stream.
func (a *Agent) newRequest(ctx context.Context, t agents.Turn, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	a.config.setHeaders(req.Header)
	if t.Hops != "" {
		req.Header.Set("Manyvox-Hops", t.Hops)
	}
	req.Header.Set("Manyvox-Attempt", strconv.Itoa(t.Attempt))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream, application/json")
	return req, nil
}

// answerBody is the body of an answer, whose errors have become those of Answer.
type answerBody struct {
	body    io.Reader
	x       *exchange
	failure func(error) error
	begun   bool
}

// Read counts the idle time only while it waits for the server: a slow reader of the text is
// not the server's fault.
func (b *answerBody) Read(p []byte) (int, error) {
	if b.begun {
		b.x.idle.Start()
		defer b.x.idle.Stop()
	}
	n, err := b.body.Read(p)
	if n > 0 {
		b.begun = true
		b.x.first.Stop()
	}
	if err != nil && err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
		err = b.failure(err)
	}
	return n, err
}

var _ io.Reader = (*answerBody)(nil)
