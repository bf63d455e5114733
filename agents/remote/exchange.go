package remote

import (
	"context"
	"io"
	"net/http"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// maxMessage is how large one message of a stream may be: a reply, whose JSON may be there
// twice.
const maxMessage = 2*channels.MaxReply + 1<<20

// exchange is what happens on the wire in one turn.
type exchange struct {
	ctx  context.Context //nolint:containedctx // the turn's: the errors of the exchange depend on it
	sent agents.Sent
	// refusal is the answer when its status is another than 200, which no handler of the
	// protocols sends for a stream.
	refusal *http.Response
	body    *agents.AnswerBody
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// release is called once nothing of the answer is held any more.
func (x *exchange) release() {
	if x.body != nil {
		x.body.Release()
	}
}

// transport tells the exchange of a turn what it sees, and bounds the answer. What is not of a
// turn goes through.
type transport struct {
	next  *http.Transport
	large agents.LargeAnswers
}

// RoundTrip makes one request.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return t.next.RoundTrip(req)
	}
	res, err := t.next.RoundTrip(req.WithContext(x.sent.Watch(req.Context(), nil)))
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		x.refusal = res
	}
	x.body = t.large.Read(x.ctx, res.Body, func() error { return contextError(x.ctx) })
	res.Body = body{x.body, res.Body}
	return res, nil
}

// CloseIdleConnections is called by that of http.Client.
func (t transport) CloseIdleConnections() { t.next.CloseIdleConnections() }

// body is an answer that is read through a bound.
type body struct {
	io.Reader
	io.Closer
}

var _ http.RoundTripper = transport{}
