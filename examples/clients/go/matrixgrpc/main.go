// Command matrixgrpc is the matrix program of grpc-go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	v1 "hello/gen/manyvox/v1"
	"hello/lead"
)

// retries has calls repeated that the assistant has not seen.
const retries = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.01s",
	"maxBackoff": "0.1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

func main() { lead.Run(do) }

func do(c lead.Command) *lead.Result {
	r := &lead.Result{}
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy()}
	if c.Retry {
		options = append(options, grpc.WithDefaultServiceConfig(retries))
	}
	if c.KeepaliveMS > 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Duration(c.KeepaliveMS) * time.Millisecond}))
	}
	if c.Gzip {
		options = append(options, grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	}
	conn, err := grpc.NewClient(c.At, options...)
	if err != nil {
		r.Error = failure(err)
		return r
	}
	defer conn.Close() //nolint:errcheck // nothing is left to do
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+c.Token))
	defer cancel()
	if c.TimeoutMS > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.TimeoutMS)*time.Millisecond)
		defer cancel()
	}
	call := map[string]func(context.Context, *grpc.ClientConn, lead.Command, *lead.Result) error{
		"health": health, "receive": receive, "stream": stream, "many": many, "list": list, "watch": watch, "subscribe": subscribe,
	}[c.Do]
	if err := call(ctx, conn, c, r); err != nil {
		r.Error = failure(err)
	}
	return r
}

func health(ctx context.Context, conn *grpc.ClientConn, _ lead.Command, r *lead.Result) error {
	res, err := v1.NewChannelServiceClient(conn).Health(ctx, &v1.HealthRequest{})
	for _, c := range res.GetChannels() {
		r.See("channel", c.GetName(), "")
	}
	return err
}

func receive(ctx context.Context, conn *grpc.ClientConn, c lead.Command, r *lead.Result) error {
	res, err := v1.NewChannelServiceClient(conn).Receive(ctx, &v1.ReceiveRequest{
		Sender: c.Sender, Message: c.Text, MessageId: c.MessageID, MetadataJson: c.MetadataJSON,
	})
	for _, reply := range res.GetReplies() {
		r.See("reply", reply.GetText(), reply.GetCustomJson())
	}
	return err
}

func stream(ctx context.Context, conn *grpc.ClientConn, c lead.Command, r *lead.Result) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := v1.NewChannelServiceClient(conn).ReceiveStream(ctx, &v1.ReceiveStreamRequest{Sender: c.Sender, Message: c.Text, MessageId: c.MessageID})
	if err != nil {
		return err
	}
	return each(s, func(m *v1.ReceiveStreamResponse) bool {
		switch e := m.GetEvent().(type) {
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
		return true
	})
}

// each calls see with each message of a stream, until it wants no more.
func each[M any](s grpc.ServerStreamingClient[M], see func(*M) bool) error {
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) || err == nil && !see(m) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func many(ctx context.Context, conn *grpc.ClientConn, c lead.Command, r *lead.Result) error {
	var all sync.WaitGroup
	results := make([]lead.Result, c.Count)
	errs := make([]error, c.Count)
	if err := health(ctx, conn, c, &lead.Result{}); err != nil {
		return err
	}
	for i := range c.Count {
		all.Go(func() {
			one := c
			one.Sender = fmt.Sprint("sender-", i)
			errs[i] = stream(ctx, conn, one, &results[i])
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

func list(ctx context.Context, conn *grpc.ClientConn, c lead.Command, r *lead.Result) error {
	for token := ""; ; {
		res, err := v1.NewConversationServiceClient(conn).ListEvents(ctx, &v1.ListEventsRequest{
			Channel: "rest", Sender: c.Sender, PageSize: c.PageSize, PageToken: token,
		})
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

func watch(ctx context.Context, conn *grpc.ClientConn, c lead.Command, r *lead.Result) error {
	s, err := v1.NewConversationServiceClient(conn).WatchEvents(ctx, &v1.WatchEventsRequest{Channel: "rest", Sender: c.Sender, After: c.After})
	if err != nil {
		return err
	}
	return each(s, func(m *v1.WatchEventsResponse) bool {
		r.Cursor = m.GetCursor()
		if e := m.GetEvent(); e != nil {
			r.See("event", e.GetCursor(), "")
		}
		return len(r.Events) < c.Take
	})
}

func subscribe(ctx context.Context, conn *grpc.ClientConn, c lead.Command, r *lead.Result) error {
	s, err := v1.NewSubscriptionServiceClient(conn).Subscribe(ctx, &v1.SubscribeRequest{Sender: c.Sender, After: c.After})
	if err != nil {
		return err
	}
	return each(s, func(m *v1.SubscribeResponse) bool {
		r.Cursor = m.GetCursor()
		for _, reply := range m.GetSaid().GetReplies() {
			r.See("said", reply.GetText(), "")
		}
		return len(r.Events) < c.Take
	})
}

// failure reads an error.
func failure(err error) *lead.Failure {
	s := status.Convert(err)
	f := &lead.Failure{Code: lead.Code(s.Code().String())}
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			f.Reason = d.GetReason()
		case *errdetails.BadRequest:
			f.Field = d.GetFieldViolations()[0].GetField()
		case *errdetails.RetryInfo:
			f.RetryAfter = fmt.Sprint(d.GetRetryDelay().GetSeconds())
		}
	}
	return f
}
