package rasa

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/manyvox/manyvox/agents"
)

// exchange is one request and its answer.
type exchange struct {
	agent *Agent
	// idle runs while we wait for Rasa. It is the zero WaitTimer for a collected
	// response, which rightly sends nothing before its end.
	idle agents.WaitTimer
	sent agents.Sent
}

// outgoing is a message as it is sent: its JSON and the headers Manyvox-Hops and
// Manyvox-Attempt.
type outgoing struct {
	body    []byte
	hops    string
	attempt int
}

// By this header our channel for Rasa, examples/rasa/manyvox_channel.py, says that its
// replies are whole: with cards, and a text that each channel may cut. Those of Rasa's own
// REST channel have been expanded.
const repliesHeader, wholeReplies = "Manyvox-Replies", "whole"

// errIdle is the cause with which a WaitTimer ends an exchange.
var errIdle = errors.New("no byte came in time")

// exchange sends the message once and forwards the replies of the response. An error of
// type *agents.RetryableError means that no reply was forwarded and that the message may be
// sent again.
func (a *Agent) exchange(ctx context.Context, m outgoing, stream bool, dec *decoder) error {
	own, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x := &exchange{agent: a}
	if stream {
		x.idle = agents.NewWaitTimer(a.idle, func() { cancel(errIdle) })
		defer x.idle.Stop()
	}
	res, err := x.post(own, m, stream)
	if err != nil {
		return x.failure(own, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return x.statusError(cancel, res)
	}
	dec.whole = res.Header.Get(repliesHeader) == wholeReplies
	body := a.large.Read(ctx, &responseBody{
		body: res.Body, idle: &x.idle, failure: func(err error) error { return x.failure(own, err) },
	}, func() error { return contextError(ctx) })
	defer body.Release()
	if stream {
		return dec.decodeLines(ctx, body) // not own: a reply that was read in time is shown
	}
	return dec.decodeArray(ctx, body)
}

func (x *exchange) post(ctx context.Context, m outgoing, stream bool) (*http.Response, error) {
	address, accept := x.agent.collected, "application/json"
	if stream {
		address, accept = x.agent.streamed, "application/x-ndjson, text/event-stream, application/json"
	}
	req, err := http.NewRequestWithContext(x.sent.Watch(ctx, x.idle.Start), http.MethodPost, address, bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "manyvox")
	if m.hops != "" {
		req.Header.Set("Manyvox-Hops", m.hops)
	}
	req.Header.Set("Manyvox-Attempt", strconv.Itoa(m.attempt))
	for name, value := range x.agent.headers {
		req.Header.Set(name, value.Reveal())
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", accept)
	return x.agent.client.Do(req)
}

// responseBody is the body of a response whose errors have become those of Answer.
type responseBody struct {
	body    io.Reader
	idle    *agents.WaitTimer
	failure func(error) error
}

// Read counts the idle time only while it waits for Rasa: a slow reader of the
// replies is not Rasa's fault.
func (a *responseBody) Read(p []byte) (int, error) {
	a.idle.Start()
	defer a.idle.Stop()
	n, err := a.body.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
		err = a.failure(err)
	}
	return n, err
}

var _ io.Reader = (*responseBody)(nil)
