package service_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// question is a message on its way in, whatever the route.
type question struct {
	channel, sender, text, token string
	// id is the caller's id of the message, "" for none.
	id string
}

// answer is what its caller saw of the outcome.
type answer struct {
	texts []string
	// code, message and retryAfter are the error's, "" when there was none.
	code, message, retryAfter string
}

// route is one way in.
type route struct {
	name string
	ask  func(ctx context.Context, h *house, q question) (answer, error)
}

// routes returns every way in that a message has.
func routes() []route {
	grpc, web, asJSON := connect.WithGRPC(), connect.WithGRPCWeb(), connect.WithProtoJSON()
	return []route{
		{"legacy collected", legacy("")},
		{"legacy stream", legacy("?stream=true")},
		{"Connect JSON", unary(overH1, asJSON)},
		{"Connect proto", unary(overH1)},
		{"Connect stream", streamed(overH1)},
		{"gRPC", unary(overH2, grpc)},
		{"gRPC stream", streamed(overH2, grpc)},
		{"gRPC-Web", unary(overH1, web)},
		{"gRPC-Web stream", streamed(overH1, web)},
	}
}

func overH1(h *house) *http.Client { return h.h1 }
func overH2(h *house) *http.Client { return h.h2 }

func legacy(query string) func(context.Context, *house, question) (answer, error) {
	return func(ctx context.Context, h *house, q question) (answer, error) {
		body, err := json.Marshal(map[string]string{"sender": q.sender, "message": q.text, "message_id": q.id})
		if err != nil {
			return answer{}, err
		}
		target := h.url + "/webhooks/" + url.PathEscape(cmp.Or(q.channel, "rest")) + "/webhook" + query
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
		if err != nil {
			return answer{}, err
		}
		if q.token != "" {
			req.Header.Set("Authorization", "Bearer "+q.token)
		}
		res, err := h.h1.Do(req)
		if err != nil {
			return answer{}, err
		}
		defer res.Body.Close()
		all, err := io.ReadAll(res.Body)
		if err != nil {
			return answer{}, err
		}
		a := answer{retryAfter: res.Header.Get("Retry-After")}
		err = a.readLegacy(json.NewDecoder(bytes.NewReader(all)))
		return a, err
	}
}

// readLegacy reads an array of replies, a line for each, or an error object.
func (a *answer) readLegacy(d *json.Decoder) error {
	for d.More() {
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return err
		}
		if v[0] != '[' {
			v = json.RawMessage("[" + string(v) + "]")
		}
		var objects []struct {
			Text    string
			Error   struct{ Code, Message string }
			Replies []struct{ Text string }
		}
		if err := json.Unmarshal(v, &objects); err != nil {
			return err
		}
		for _, o := range objects {
			if o.Error.Code != "" {
				a.code, a.message = o.Error.Code, o.Error.Message
				for _, r := range o.Replies {
					a.texts = append(a.texts, r.Text)
				}
				continue
			}
			a.texts = append(a.texts, o.Text)
		}
	}
	return nil
}

type pick func(*house) *http.Client

func unary(over pick, options ...connect.ClientOption) func(context.Context, *house, question) (answer, error) {
	return func(ctx context.Context, h *house, q question) (a answer, err error) {
		c := manyvoxv1connect.NewChannelServiceClient(over(h), h.url, options...)
		res, err := c.Receive(withToken(ctx, q.token), &manyvoxv1.ReceiveRequest{Channel: q.channel, Sender: q.sender, Message: q.text, MessageId: q.id})
		if err != nil {
			err = a.readError(err)
			return a, err
		}
		for _, r := range res.GetReplies() {
			a.texts = append(a.texts, r.GetText())
		}
		return a, nil
	}
}

func streamed(over pick, options ...connect.ClientOption) func(context.Context, *house, question) (answer, error) {
	return func(ctx context.Context, h *house, q question) (a answer, err error) {
		c := manyvoxv1connect.NewChannelServiceClient(over(h), h.url, options...)
		stream, err := c.ReceiveStream(withToken(ctx, q.token), &manyvoxv1.ReceiveStreamRequest{Channel: q.channel, Sender: q.sender, Message: q.text, MessageId: q.id})
		if err != nil {
			err = a.readError(err)
			return a, err
		}
		defer stream.Close()
		for stream.Receive() {
			if r := stream.Msg().GetReply(); r != nil {
				a.texts = append(a.texts, r.GetReply().GetText())
			}
		}
		err = a.readError(stream.Err())
		return a, err
	}
}

func withToken(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	ctx, call := connect.NewClientContext(ctx)
	call.RequestHeader().Set("Authorization", "Bearer "+token)
	return ctx
}

// readError takes the error that the service sent; one of the way there is returned.
func (a *answer) readError(err error) error {
	var e *connect.Error
	if !errors.As(err, &e) || !connect.IsWireError(err) {
		return err
	}
	a.code, a.message = e.Code().String(), e.Message()
	a.retryAfter = e.Meta().Get("Retry-After")
	for _, detail := range e.Details() {
		if v, err := detail.Value(); err == nil {
			for _, r := range v.(*manyvoxv1.ReceiveResponse).GetReplies() {
				a.texts = append(a.texts, r.GetText())
			}
		}
	}
	return nil
}

// lounge is a channel type of a user's own: built on channels.Webhook, the sender in
// a header, not open to RPC.
func lounge() channels.Type {
	return channels.Type{Name: "lounge", New: func() channels.Config { return &loungeConfig{} }}
}

type loungeConfig struct{}

func (*loungeConfig) Validate() error { return nil }

func (*loungeConfig) Open(channels.Env) (channels.Channel, error) {
	return channels.Webhook{Sender: func(r *http.Request, _ channels.Body) (string, error) {
		return "guest-" + strings.ToLower(r.Header.Get("X-Seat")), nil
	}}, nil
}
