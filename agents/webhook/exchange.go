package webhook

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// exchange is one request and its answer.
type exchange struct {
	agent *Agent
	ctx   context.Context //nolint:containedctx // the errors of the answer's body depend on it
	// sent says that the server may have seen the message. net/http sets it from a goroutine
	// of its own.
	sent atomic.Bool
}

func (x *exchange) post(body []byte, header http.Header) (*http.Response, error) {
	ctx := httptrace.WithClientTrace(x.ctx, &httptrace.ClientTrace{
		// net/http tries another connection when it wrote nothing to the first.
		GetConn:      func(string) { x.sent.Store(false) },
		WroteHeaders: func() { x.sent.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.agent.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	return x.agent.client.Do(req)
}

// responseBody is the body of a response whose errors have become those of Answer.
type responseBody struct {
	body io.Reader
	x    *exchange
}

// Read fails with io.EOF, or an error of Answer.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
		err = b.x.failure(err)
	}
	return n, err
}

var _ io.Reader = (*responseBody)(nil)
