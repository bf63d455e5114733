package rpc_test

import (
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A conversation is paused and resumed, GetStatus tells of it, messages meanwhile are not
// answered, and to delete it ends the pause.
func TestEdge08_15_PauseConversation(t *testing.T) {
	t.Parallel()
	for _, p := range rpcProtocols() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
				c, began := p.client(s.Running), time.Now()
				pause := func(want bool) {
					t.Helper()
					res, err := c.PauseConversation(operatorContext(t), &manyvoxv1.PauseConversationRequest{Channel: "chat", Sender: "kim", Reason: "a colleague"})
					if err != nil || res.GetPaused() != want {
						t.Errorf("pause: %v, %v, want %v", res.GetPaused(), err, want)
					}
				}
				wantPaused(t, c)
				pause(true)
				servicetest.Advance(time.Minute)
				pause(false)
				wantPaused(t, c, &manyvoxv1.PausedConversation{Channel: "chat", Sender: "kim", Since: timestamppb.New(began), Reason: "a colleague"})
				s.Post(t, "chat", "kim", "one")
				for _, want := range []bool{true, false} {
					res, err := c.ResumeConversation(operatorContext(t), &manyvoxv1.ResumeConversationRequest{Channel: "chat", Sender: "kim"})
					if err != nil || res.GetResumed() != want {
						t.Errorf("resume: %v, %v, want %v", res.GetResumed(), err, want)
					}
				}
				s.Post(t, "chat", "kim", "two")
				if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "kim")); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
				pause(true)
				if _, err := c.DeleteConversation(operatorContext(t), &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "kim"}); err != nil {
					t.Error(err)
				}
				wantPaused(t, c)
			})
		})
	}
}

// wantPaused checks which conversations GetStatus names.
func wantPaused(t *testing.T, c manyvoxv1connect.ConversationServiceClient, want ...*manyvoxv1.PausedConversation) {
	t.Helper()
	res, err := c.GetStatus(operatorContext(t), &manyvoxv1.GetStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	got := &manyvoxv1.GetStatusResponse{Paused: res.GetPaused(), PausedCount: res.PausedCount}
	wanted := &manyvoxv1.GetStatusResponse{Paused: want, PausedCount: proto.Int64(int64(len(want)))}
	if diff := cmp.Diff(wanted, got, protocmp.Transform()); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestEdge08_15_PauseErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
		c := rpcProtocols()[0].client(s.Running)
		for _, r := range []struct {
			channel, sender string
			want            connect.Code
		}{{"", "kim", connect.CodeInvalidArgument}, {"chat", "", connect.CodeInvalidArgument}, {"nope", "kim", connect.CodeNotFound}} {
			_, err := c.PauseConversation(operatorContext(t), &manyvoxv1.PauseConversationRequest{Channel: r.channel, Sender: r.sender})
			if connect.CodeOf(err) != r.want {
				t.Errorf("%q %q: %v, want %v", r.channel, r.sender, err, r.want)
			}
		}
		if _, err := c.PauseConversation(t.Context(), &manyvoxv1.PauseConversationRequest{Channel: "chat", Sender: "kim"}); connect.CodeOf(err) != connect.CodeUnauthenticated {
			t.Errorf("without a token: %v", err)
		}
	})
}
