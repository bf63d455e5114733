package rpc_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// endless says one thing and goes on until its ctx ends.
func endless(ctx context.Context, _ int, r channels.Replier) error {
	if err := servicetest.ReplyTexts(ctx, r, "one"); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// A turn is stopped whichever way its message came, by each protocol of the API, and a repeat
// gets what was shown by any of them.
func TestEdge08_21_StopOnEachRoute(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		a := &servicetest.CountingAgent{Script: endless}
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest: {token: open-sesame}\n"), Agent: a}, servicetest.Timeout)
		for name, options := range map[string][]connect.ClientOption{"connect": nil, "grpc": {connect.WithGRPC()}, "grpcweb": {connect.WithGRPCWeb()}} {
			client := manyvoxv1connect.NewChannelServiceClient(h.HTTP2, h.URL, options...)
			stop := func(token string, req *manyvoxv1.StopRequest) (bool, error) {
				res, err := client.Stop(servicetest.WithToken(t.Context(), token), req)
				return res.GetStopped(), err
			}
			q := servicetest.Question{Sender: "ann", Text: "hi", ID: name, Token: "open-sesame"}
			asked := servicetest.AskAsync(t.Context(), h, r, q)
			servicetest.Advance(time.Second)
			its := &manyvoxv1.StopRequest{Sender: "ann", MessageId: name}
			if stopped, err := stop("", its); connect.CodeOf(err) != connect.CodeUnauthenticated || stopped {
				t.Errorf("%s: without the token: %v, %v", name, stopped, err)
			}
			if stopped, err := stop("open-sesame", &manyvoxv1.StopRequest{Sender: "bob", MessageId: name}); err != nil || stopped {
				t.Errorf("%s: another's: %v, %v", name, stopped, err)
			}
			select {
			case got := <-asked:
				t.Errorf("%s: ended with %+v", name, got)
			default:
			}
			if stopped, err := stop("open-sesame", its); err != nil || !stopped {
				t.Errorf("%s: %v, %v", name, stopped, err)
			}
			servicetest.CheckOutcome(t, name, <-asked, "canceled", "one")
			servicetest.CheckOutcome(t, name+", a repeat", <-servicetest.AskAsync(t.Context(), h, r, q), "", "one")
			if stopped, err := stop("open-sesame", its); err != nil || stopped {
				t.Errorf("%s: again: %v, %v", name, stopped, err)
			}
		}
	})
}

// The error says by its reason that the turn was stopped; a call that cannot be meant says why.
func TestEdge08_21_StopErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, stopErrors)
}

func stopErrors(t *testing.T) {
	h := servicetest.InBubble(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\n"), Agent: &servicetest.CountingAgent{Script: endless},
	}, servicetest.Timeout)
	client := manyvoxv1connect.NewChannelServiceClient(h.HTTP1, h.URL)
	for _, c := range []struct {
		name string
		req  *manyvoxv1.StopRequest
		want shownError
	}{
		{"no message_id", &manyvoxv1.StopRequest{}, shownError{Code: connect.CodeInvalidArgument, Reason: "INVALID_ARGUMENT", Field: "message_id"}},
		{"no such channel", &manyvoxv1.StopRequest{Channel: "none", MessageId: "m1"}, shownError{Code: connect.CodeNotFound, Reason: "CHANNEL_NOT_FOUND"}},
	} {
		_, err := client.Stop(t.Context(), c.req)
		if got := shown(t, err); got.Code != c.want.Code || got.Reason != c.want.Reason || got.Field != c.want.Field {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	ended := make(chan error, 1)
	go func() {
		_, err := client.Receive(t.Context(), &manyvoxv1.ReceiveRequest{Message: "hi", MessageId: "m1"})
		ended <- err
	}()
	servicetest.Advance(time.Second)
	if res, err := client.Stop(t.Context(), &manyvoxv1.StopRequest{Channel: "rest", Sender: "default", MessageId: "m1"}); err != nil || !res.GetStopped() {
		t.Errorf("%v, %v", res, err)
	}
	if got := shown(t, <-ended); got.Code != connect.CodeCanceled || got.Reason != "STOPPED" {
		t.Errorf("the caller: %+v", got)
	}
}
