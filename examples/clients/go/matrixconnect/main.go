// Command matrixconnect is the matrix program of connect-go.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	v1 "hello/gen/manyvox/v1"
	"hello/gen/manyvox/v1/manyvoxv1connect"
	"hello/lead"
)

func main() { lead.Run(do) }

// clients are those of one connection.
type clients struct {
	manyvoxv1connect.ChannelServiceClient
	conversations manyvoxv1connect.ConversationServiceClient
	subscriptions manyvoxv1connect.SubscriptionServiceClient
}

func do(c lead.Command) *lead.Result {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols, HTTP2: &http.HTTP2Config{SendPingTimeout: time.Duration(c.KeepaliveMS) * time.Millisecond}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: withToken{c.Token, transport}}
	options := map[string][]connect.ClientOption{"grpc": {connect.WithGRPC()}, "grpc-web": {connect.WithGRPCWeb()}}[c.Protocol]
	if c.Gzip {
		options = append(options, connect.WithSendGzip())
	}
	url := "http://" + c.At
	all := clients{
		manyvoxv1connect.NewChannelServiceClient(client, url, options...),
		manyvoxv1connect.NewConversationServiceClient(client, url, options...),
		manyvoxv1connect.NewSubscriptionServiceClient(client, url, options...),
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if c.TimeoutMS > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.TimeoutMS)*time.Millisecond)
		defer cancel()
	}
	r := &lead.Result{}
	call := map[string]func(context.Context, lead.Command, *lead.Result) error{
		"health": all.health, "receive": all.receive, "stream": all.stream, "many": all.many, "list": all.list, "watch": all.watch, "subscribe": all.subscribe,
	}[c.Do]
	if err := call(ctx, c, r); err != nil {
		r.Error = failure(err)
	}
	return r
}

func (s clients) health(ctx context.Context, _ lead.Command, r *lead.Result) error {
	res, err := s.Health(ctx, &v1.HealthRequest{})
	for _, c := range res.GetChannels() {
		r.See("channel", c.GetName(), "")
	}
	return err
}

func (s clients) receive(ctx context.Context, c lead.Command, r *lead.Result) error {
	attempts := 1
	if c.Retry {
		attempts = 5
	}
	var res *v1.ReceiveResponse
	var err error
	for range attempts {
		res, err = s.Receive(ctx, &v1.ReceiveRequest{Sender: c.Sender, Message: c.Text, MessageId: c.MessageID, MetadataJson: c.MetadataJSON})
		if connect.CodeOf(err) != connect.CodeUnavailable {
			break
		}
	}
	for _, reply := range res.GetReplies() {
		r.See("reply", reply.GetText(), reply.GetCustomJson())
	}
	return err
}

func (s clients) stream(ctx context.Context, c lead.Command, r *lead.Result) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := s.ReceiveStream(ctx, &v1.ReceiveStreamRequest{Sender: c.Sender, Message: c.Text, MessageId: c.MessageID})
	if err != nil {
		return err
	}
	defer stream.Close() //nolint:errcheck // Err tells how the stream ended
	for stream.Receive() {
		switch e := stream.Msg().GetEvent().(type) {
		case *v1.ReceiveStreamResponse_Started:
			r.See("started", e.Started.GetMessageId(), "")
		case *v1.ReceiveStreamResponse_Delta:
			r.See("delta", e.Delta.GetText(), "")
		case *v1.ReceiveStreamResponse_Reply:
			r.See("reply", e.Reply.GetReply().GetText(), e.Reply.GetReply().GetCustomJson())
		}
		if len(r.Events) == c.CancelAfter {
			cancel()
		}
	}
	return stream.Err()
}

func (s clients) many(ctx context.Context, c lead.Command, r *lead.Result) error {
	var all sync.WaitGroup
	results := make([]lead.Result, c.Count)
	errs := make([]error, c.Count)
	if err := s.health(ctx, c, &lead.Result{}); err != nil {
		return err
	}
	for i := range c.Count {
		all.Go(func() {
			one := c
			one.Sender = fmt.Sprint("sender-", i)
			errs[i] = s.stream(ctx, one, &results[i])
		})
	}
	all.Wait()
	for i := range c.Count {
		if n := len(results[i].Events); errs[i] == nil && n > 0 && results[i].Events[n-1].Kind == "reply" {
			r.Count++
		}
	}
	return errors.Join(errs...)
}

func (s clients) list(ctx context.Context, c lead.Command, r *lead.Result) error {
	for token := ""; ; {
		res, err := s.conversations.ListEvents(ctx, &v1.ListEventsRequest{Channel: "rest", Sender: c.Sender, PageSize: c.PageSize, PageToken: token})
		if err != nil {
			return err
		}
		r.Count++
		for _, e := range res.GetEvents() {
			r.See("event", e.GetCursor(), "")
		}
		if token = res.GetNextPageToken(); token == "" {
			return nil
		}
	}
}

func (s clients) watch(ctx context.Context, c lead.Command, r *lead.Result) error {
	stream, err := s.conversations.WatchEvents(ctx, &v1.WatchEventsRequest{Channel: "rest", Sender: c.Sender, After: c.After})
	if err != nil {
		return err
	}
	for stream.Receive() {
		r.Cursor = stream.Msg().GetCursor()
		if e := stream.Msg().GetEvent(); e != nil {
			r.See("event", e.GetCursor(), "")
		}
		if len(r.Events) == c.Take {
			return nil
		}
	}
	return stream.Err()
}

func (s clients) subscribe(ctx context.Context, c lead.Command, r *lead.Result) error {
	stream, err := s.subscriptions.Subscribe(ctx, &v1.SubscribeRequest{Sender: c.Sender, After: c.After})
	if err != nil {
		return err
	}
	for stream.Receive() {
		r.Cursor = stream.Msg().GetCursor()
		for _, reply := range stream.Msg().GetSaid().GetReplies() {
			r.See("said", reply.GetText(), "")
		}
		if len(r.Events) == c.Take {
			return nil
		}
	}
	return stream.Err()
}

// failure reads an error.
func failure(err error) *lead.Failure {
	f := &lead.Failure{Code: connect.CodeOf(err).String()}
	var e *connect.Error
	if !errors.As(err, &e) {
		return f
	}
	for _, d := range e.Details() {
		v, err := d.Value()
		if err != nil {
			continue
		}
		switch v := v.(type) {
		case *errdetails.ErrorInfo:
			f.Reason = v.GetReason()
		case *errdetails.BadRequest:
			f.Field = v.GetFieldViolations()[0].GetField()
		case *errdetails.RetryInfo:
			f.RetryAfter = fmt.Sprint(v.GetRetryDelay().GetSeconds())
		}
	}
	return f
}

// withToken sends a token with every request.
type withToken struct {
	token string
	http.RoundTripper
}

func (t withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+t.token)
	return t.RoundTripper.RoundTrip(r)
}
