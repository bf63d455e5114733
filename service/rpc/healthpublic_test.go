package rpc_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Health, which asks for no token, tells what a channel is and nothing of what happens in it;
// GetStatus tells the operator that.
func TestEdge08_18_HealthTellsNothingOfWhatHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		for _, name := range []string{"gone", "gone", "chat"} {
			if _, err := store.Push(t.Context(), journal.Push{
				Key: journal.Key{Channel: name, Sender: "ann", ID: t.Name()}, Window: time.Hour,
				Parts: []channels.Part{{ID: "p", Channel: name, Sender: "ann", Reply: channels.Reply{Text: servicetest.Private}}},
			}); err != nil {
				t.Fatal(err)
			}
		}
		away := &servicetest.FakePlatform{OnSend: func(context.Context, channels.Part, int) error {
			return &channels.SendError{Class: channels.SendUnavailable}
		}}
		s := servicetest.NewHarness(t, away, service.Config{Agent: failingAgent(), Journal: store})
		s.Post(t, "mail", "ann", "hello")
		res, err := manyvoxv1connect.NewChannelServiceClient(s.HTTP1, s.URL).Health(t.Context(), &manyvoxv1.HealthRequest{})
		if err != nil {
			t.Fatal(err)
		}
		want := &manyvoxv1.HealthResponse{
			Status: manyvoxv1.HealthResponse_STATUS_SERVING,
			Channels: []*manyvoxv1.ChannelHealth{
				{Name: "chat", Type: "platform", Capabilities: []string{"receive", "send"}},
				{Name: "mail", Type: "platform", Capabilities: []string{"receive", "send"}},
			},
		}
		if diff := cmp.Diff(want, res, protocmp.Transform()); diff != "" {
			t.Errorf("health (-want +got):\n%s", diff)
		}
		status, err := rpcProtocols()[0].client(s.Running).GetStatus(operatorContext(t), &manyvoxv1.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&manyvoxv1.JournalStatus{Writable: true, Answers: true, Outbox: 3, DeadLetters: 1}, status.GetJournal(), protocmp.Transform()); diff != "" {
			t.Errorf("status (-want +got):\n%s", diff)
		}
	})
}
