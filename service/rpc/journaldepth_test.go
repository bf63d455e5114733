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

// Health shows how much waits, also for channels that are not configured.
func TestHealthOfTheJournal(t *testing.T) {
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
			Journal: &manyvoxv1.JournalHealth{Outbox: 3, DeadLetters: 1}, Orphans: []string{"gone"},
			Channels: []*manyvoxv1.ChannelHealth{
				{Name: "chat", Waiting: &manyvoxv1.ChannelWaiting{Outbox: 1}}, {Name: "mail", Waiting: &manyvoxv1.ChannelWaiting{Outbox: 1}},
			},
		}
		if diff := cmp.Diff(want, res, protocmp.Transform(), protocmp.IgnoreFields(&manyvoxv1.HealthResponse{}, "status", "version"),
			protocmp.IgnoreFields(&manyvoxv1.ChannelHealth{}, "type", "capabilities", "last_error")); diff != "" {
			t.Errorf("health (-want +got):\n%s", diff)
		}
	})
}
