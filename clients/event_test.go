package clients_test

import (
	"context"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// checkUnknownEvents has a server of a later version send an event that no client knows.
func checkUnknownEvents(t *testing.T, c client) {
	later := &manyvoxv1.ReceiveStreamResponse{}
	later.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 1000, protowire.BytesType), "later"))
	url := serve(t, peer{answer: func(
		_ context.Context, _ *manyvoxv1.ReceiveStreamRequest, stream *connect.ServerStream[manyvoxv1.ReceiveStreamResponse],
	) error {
		for _, res := range []*manyvoxv1.ReceiveStreamResponse{later, reply("hello"), later} {
			if err := stream.Send(res); err != nil {
				return err
			}
		}
		return nil
	}})
	c.call(t, url, "stream", `{"message": "hi"}`).expectEnd("reply 1 hello", "done")
}

// checkProgramEnded has a server end in the middle of a turn, and the next one answer.
func checkProgramEnded(t *testing.T, c client) {
	var calls atomic.Int64
	url := serve(t, peer{answer: func(
		_ context.Context, _ *manyvoxv1.ReceiveStreamRequest, stream *connect.ServerStream[manyvoxv1.ReceiveStreamResponse],
	) error {
		if calls.Add(1) > 1 {
			return stream.Send(reply("hello"))
		}
		err := connect.NewError(connect.CodeAborted, nil)
		detail, _ := connect.NewErrorDetail(&errdetails.ErrorInfo{Reason: "PROGRAM_ENDED", Domain: "manyvox.dev"})
		err.AddDetail(detail)
		return err
	}})
	c.call(t, url, "stream", `{"message": "hi"}`).expectEnd("reply 1 hello", "done")
	if n := calls.Load(); n != 2 {
		t.Errorf("%d calls", n)
	}
}
