package webhook

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/manyvox/manyvox/agents"
)

// exchange is one request and its answer.
type exchange struct {
	agent *Agent
	ctx   context.Context //nolint:containedctx // the errors of the answer's body depend on it
	sent  agents.Sent
}

func (x *exchange) post(body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(x.sent.Watch(x.ctx, nil), http.MethodPost, x.agent.url, bytes.NewReader(body))
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
