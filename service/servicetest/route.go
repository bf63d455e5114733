package servicetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// Question is a message as a caller sends it, whatever the route.
type Question struct {
	Channel, Sender, Text, Token string
	// ID is the caller's id of the message, "" for none.
	ID string
}

// Answer is what the caller got.
type Answer struct {
	Texts []string
	// Code, Message and RetryAfter are the error's, "" when there was none.
	Code, Message, RetryAfter string
}

// Route is one way to send a message to the service and wait for the replies.
type Route struct {
	Name string
	Ask  func(ctx context.Context, h *Running, q Question) (Answer, error)
}

// Routes returns every route.
func Routes() []Route {
	grpc, web, asJSON := connect.WithGRPC(), connect.WithGRPCWeb(), connect.WithProtoJSON()
	return []Route{
		{"legacy collected", legacy("")},
		{"legacy stream", legacy("?stream=true")},
		{"Connect JSON", unary(OverHTTP1, asJSON)},
		{"Connect proto", unary(OverHTTP1)},
		{"Connect stream", streamed(OverHTTP1)},
		{"gRPC", unary(OverHTTP2, grpc)},
		{"gRPC stream", streamed(OverHTTP2, grpc)},
		{"gRPC-Web", unary(OverHTTP1, web)},
		{"gRPC-Web stream", streamed(OverHTTP1, web)},
	}
}

// OverHTTP1 returns the client that speaks HTTP/1.1.
func OverHTTP1(h *Running) *http.Client { return h.HTTP1 }

// OverHTTP2 returns the client that speaks HTTP/2.
func OverHTTP2(h *Running) *http.Client { return h.HTTP2 }

func legacy(query string) func(context.Context, *Running, Question) (Answer, error) {
	return func(ctx context.Context, h *Running, q Question) (Answer, error) {
		body, err := json.Marshal(map[string]string{"sender": q.Sender, "message": q.Text, "message_id": q.ID})
		if err != nil {
			return Answer{}, err
		}
		target := h.URL + "/webhooks/" + url.PathEscape(cmp.Or(q.Channel, "rest")) + "/webhook" + query
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
		if err != nil {
			return Answer{}, err
		}
		if q.Token != "" {
			req.Header.Set("Authorization", "Bearer "+q.Token)
		}
		res, err := h.HTTP1.Do(req)
		if err != nil {
			return Answer{}, err
		}
		defer func() { _ = res.Body.Close() }()
		all, err := io.ReadAll(res.Body)
		if err != nil {
			return Answer{}, err
		}
		a := Answer{RetryAfter: res.Header.Get("Retry-After")}
		err = a.readLegacy(json.NewDecoder(bytes.NewReader(all)))
		return a, err
	}
}

// readLegacy reads an array of replies, a line for each, or an error object.
func (a *Answer) readLegacy(d *json.Decoder) error {
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
				a.Code, a.Message = o.Error.Code, o.Error.Message
				for _, r := range o.Replies {
					a.Texts = append(a.Texts, r.Text)
				}
				continue
			}
			a.Texts = append(a.Texts, o.Text)
		}
	}
	return nil
}

// ClientOf returns one of the clients of a running service.
type ClientOf func(*Running) *http.Client

func unary(over ClientOf, options ...connect.ClientOption) func(context.Context, *Running, Question) (Answer, error) {
	return func(ctx context.Context, h *Running, q Question) (a Answer, err error) {
		c := manyvoxv1connect.NewChannelServiceClient(over(h), h.URL, options...)
		res, err := c.Receive(WithToken(ctx, q.Token), &manyvoxv1.ReceiveRequest{Channel: q.Channel, Sender: q.Sender, Message: q.Text, MessageId: q.ID})
		if err != nil {
			err = a.readError(err)
			return a, err
		}
		for _, r := range res.GetReplies() {
			a.Texts = append(a.Texts, r.GetText())
		}
		return a, nil
	}
}

func streamed(over ClientOf, options ...connect.ClientOption) func(context.Context, *Running, Question) (Answer, error) {
	return func(ctx context.Context, h *Running, q Question) (a Answer, err error) {
		c := manyvoxv1connect.NewChannelServiceClient(over(h), h.URL, options...)
		stream, err := c.ReceiveStream(WithToken(ctx, q.Token), &manyvoxv1.ReceiveStreamRequest{Channel: q.Channel, Sender: q.Sender, Message: q.Text, MessageId: q.ID})
		if err != nil {
			err = a.readError(err)
			return a, err
		}
		defer func() { _ = stream.Close() }()
		for stream.Receive() {
			if r := stream.Msg().GetReply(); r != nil {
				a.Texts = append(a.Texts, r.GetReply().GetText())
			}
		}
		err = a.readError(stream.Err())
		return a, err
	}
}

// WithToken returns the ctx of one call that sends a token, unless it is "".
func WithToken(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	ctx, call := connect.NewClientContext(ctx)
	call.RequestHeader().Set("Authorization", "Bearer "+token)
	return ctx
}

// readError reads an error that the service sent. It returns any other error.
func (a *Answer) readError(err error) error {
	var e *connect.Error
	if !errors.As(err, &e) || !connect.IsWireError(err) {
		return err
	}
	a.Code, a.Message = e.Code().String(), e.Message()
	a.RetryAfter = e.Meta().Get("Retry-After")
	for _, detail := range e.Details() {
		v, err := detail.Value()
		if err != nil {
			continue
		}
		if given, ok := v.(*manyvoxv1.ReceiveResponse); ok {
			for _, r := range given.GetReplies() {
				a.Texts = append(a.Texts, r.GetText())
			}
		}
	}
	return nil
}

// Outcome is what one of several callers got.
type Outcome struct {
	Answer
	Err error
}

// AskAsync sends a question from a goroutine of its own, in a bubble. It returns once
// the service has the question.
func AskAsync(ctx context.Context, h *Running, r Route, q Question) <-chan Outcome {
	done := make(chan Outcome, 1)
	go func() {
		got, err := r.Ask(ctx, h, q)
		done <- Outcome{got, err}
	}()
	synctest.Wait()
	return done
}

// EachRoute runs a test in a bubble, once for each route.
func EachRoute(t *testing.T, test func(t *testing.T, r Route)) {
	for _, r := range Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, r) })
		})
	}
}

// CheckOutcome checks the code and the texts that a caller got.
func CheckOutcome(t *testing.T, who string, got Outcome, code string, texts ...string) {
	t.Helper()
	if got.Err != nil || got.Code != code || !slices.Equal(got.Texts, texts) {
		t.Errorf("%s got %q, code %q, %v; want %q, code %q", who, got.Texts, got.Code, got.Err, texts, code)
	}
}
