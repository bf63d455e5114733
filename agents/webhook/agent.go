package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Agent posts each turn to a server. It keeps no state of a conversation.
type Agent struct {
	client *http.Client
	url    string
	header http.Header // with secrets
	key    channels.SigningKey
	large  agents.LargeAnswers
}

// Answer posts the turn and gives what the server answers to r. Its errors are of type
// *channels.Error, ctx.Err() when that was canceled, or r's own. What the server has surely not
// seen is marked by agents.NotReached.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	body, err := agents.Payload(t)
	if err != nil {
		return err
	}
	x := &exchange{agent: a, ctx: ctx}
	res, err := x.post(body, a.headersOf(t, body))
	if err != nil {
		return x.failure(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return statusError(res)
	}
	answer := a.large.Read(ctx, &responseBody{res.Body, x}, func() error { return contextError(ctx) })
	defer answer.Release()
	return decode(ctx, answer, &agents.Decoder{
		Name: "webhook", Peer: "the server", Replier: r, Recipient: t.Message.Sender,
	})
}

// headersOf returns the headers of a request.
func (a *Agent) headersOf(t agents.Turn, body []byte) http.Header {
	h := a.header.Clone()
	h.Set("User-Agent", "manyvox")
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json, application/x-ndjson, text/event-stream")
	if t.Hops != "" {
		h.Set("Manyvox-Hops", t.Hops)
	}
	h.Set("Manyvox-Attempt", strconv.Itoa(t.Attempt))
	id := webhookID(&t.Message)
	h.Set(channels.HeaderWebhookID, id)
	a.key.Sign(h, id, time.Now(), body)
	return h
}

// webhookID names a message, the same in every attempt, as Standard Webhooks asks for. A
// message's own id is of one conversation, and may hold what no header can.
func webhookID(m *channels.Message) string {
	const idBytes = 16
	sum := sha256.Sum256([]byte(m.Channel + "\x00" + m.Sender + "\x00" + m.ID))
	return "msg_" + hex.EncodeToString(sum[:idBytes])
}

// Close closes the connections that no turn uses.
func (a *Agent) Close(context.Context) error {
	a.client.CloseIdleConnections()
	return nil
}

var (
	_ agents.Agent  = (*Agent)(nil)
	_ agents.Closer = (*Agent)(nil)
)
