package rpc_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/servicetest"
)

// failingAgent fails each turn for good; those with the text "half" after a reply.
func failingAgent() agents.Agent {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		if strings.HasSuffix(t.Message.Text, "half") {
			if err := r.Reply(ctx, channels.Reply{Text: servicetest.Private + "so far"}); err != nil {
				return err
			}
		}
		return channels.Errorf(channels.CodeInvalid, "not that")
	})
}

// Each method answers in each protocol.
func TestConversationService(t *testing.T) {
	t.Parallel()
	for _, p := range rpcProtocols() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: failingAgent()})
				c := p.client(s.Running)
				s.Post(t, "chat", "ann", "one", "half")
				checkSend(t, s, c)
				checkDeadLetters(t, s, c)
				checkEvents(t, c)
				checkDelete(t, s, c)
			})
		})
	}
}

func checkSend(t *testing.T, s *servicetest.Harness, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.Send(operatorContext(t), &manyvoxv1.SendRequest{
		Channel: "chat", Sender: "ann", MessageId: "news", Reply: &manyvoxv1.Reply{Text: proto.String(servicetest.Private + "news")},
	})
	synctest.Wait()
	if err != nil || res.GetMessageId() != "news" || len(res.GetPartIds()) != 1 || s.SendsByID()[res.GetPartIds()[0]] != 1 {
		t.Errorf("send: %v, %v", res, err)
	}
	if diff := cmp.Diff([]string{"so far", "news"}, s.Accepted("chat", "ann")); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func checkDeadLetters(t *testing.T, s *servicetest.Harness, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.ListDeadLetters(operatorContext(t), &manyvoxv1.ListDeadLettersRequest{})
	if err != nil {
		t.Fatal(err)
	}
	deadLetter := func(id int64, kind manyvoxv1.DeadLetter_Kind, text string, repeats bool) *manyvoxv1.DeadLetter {
		return &manyvoxv1.DeadLetter{
			Id: id, Kind: kind, Channel: "chat", Sender: "ann", MessageId: text, MayRepeat: repeats, Reason: "not that", Code: "invalid_argument",
			Content: &manyvoxv1.DeadLetter_Message{Message: &manyvoxv1.UserMessage{
				Text: servicetest.Private + text, InputChannel: "platform", Address: "room of ann",
			}},
		}
	}
	want := &manyvoxv1.ListDeadLettersResponse{DeadLetters: []*manyvoxv1.DeadLetter{
		deadLetter(1, manyvoxv1.DeadLetter_KIND_FAILED, "one", false), deadLetter(2, manyvoxv1.DeadLetter_KIND_INTERRUPTED, "half", true),
	}}
	if diff := cmp.Diff(want, res, protocmp.Transform(), protocmp.IgnoreFields(&manyvoxv1.DeadLetter{}, "died")); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
	if at := res.GetDeadLetters()[0].GetDied().AsTime(); !at.Equal(time.Now()) { // the bubble's clock stands
		t.Errorf("died at %v", at)
	}

	replayed, err := c.ReplayDeadLetters(operatorContext(t), &manyvoxv1.ReplayDeadLettersRequest{Selection: &manyvoxv1.ReplayDeadLettersRequest_Ids{Ids: &manyvoxv1.DeadLetterIds{Ids: []int64{1, 77}}}})
	synctest.Wait()
	if err != nil || replayed.GetReplayed() != 1 {
		t.Errorf("replay: %v, %v", replayed, err)
	}
	if diff := cmp.Diff([]string{"interrupted half", "failed one"}, s.DeadLetters(t)); diff != "" { // it failed again
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
	dropped, err := c.DropDeadLetters(operatorContext(t), &manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_All{All: &manyvoxv1.AllDeadLetters{Channel: "chat"}}})
	if err != nil || dropped.GetDropped() != 2 || len(s.DeadLetters(t)) > 0 {
		t.Errorf("drop: %v, %v", dropped, err)
	}
}

// cursor is the cursor of an event in the journal of a harness.
func cursor(n int64) string { return rpc.Cursors(servicetest.JournalID).Of(n) }

func checkEvents(t *testing.T, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{Channel: "chat", Sender: "ann"})
	if err != nil || len(res.GetEvents()) == 0 {
		t.Fatalf("events: %v, %v", res, err)
	}
	first := &manyvoxv1.Event{
		Cursor: cursor(1), Channel: "chat", Sender: "ann", MessageId: "one", Kind: &manyvoxv1.Event_Message{Message: &manyvoxv1.UserMessage{
			Text: servicetest.Private + "one", InputChannel: "platform", Address: "room of ann",
		}},
	}
	if diff := cmp.Diff(first, res.GetEvents()[0], protocmp.Transform(), protocmp.IgnoreFields(&manyvoxv1.Event{}, "time")); diff != "" {
		t.Errorf("the first event (-want +got):\n%s", diff)
	}
	ctx, cancel := context.WithCancel(operatorContext(t))
	defer cancel()
	const oldest = "oldest"
	stream, err := c.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{After: oldest})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if !stream.Receive() || stream.Msg().GetEvent() != nil || stream.Msg().GetCursor() != oldest {
		t.Fatalf("the watch begins with %v, %v", stream.Msg(), stream.Err())
	}
	for i, e := range res.GetEvents() {
		if !stream.Receive() {
			t.Fatal(stream.Err())
		}
		if diff := cmp.Diff(&manyvoxv1.WatchEventsResponse{Event: e, Cursor: e.GetCursor()}, stream.Msg(), protocmp.Transform()); diff != "" {
			t.Errorf("event %d (-listed +watched):\n%s", i, diff)
		}
	}
}

func checkDelete(t *testing.T, s *servicetest.Harness, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.DeleteConversation(operatorContext(t), &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "ann"})
	if err != nil || res.GetRows() == 0 {
		t.Errorf("delete: %v, %v", res, err)
	}
	if page, err := s.Journal.Events(t.Context(), journal.EventFilter{}, -1, 10); err != nil || len(page.Events) > 0 {
		t.Errorf("events are left: %v, %v", page.Events, err)
	}
	res, err = c.DeleteConversation(operatorContext(t), &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "ann"})
	if err != nil || res.GetRows() != 0 {
		t.Errorf("delete again: %v, %v", res, err)
	}
}

// An unknown method is not found, also with the operator's token.
func TestConversationServiceUnknownMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/manyvox.v1.ConversationService/Burn?token=operator", nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := servicetest.Do(t, s.HTTP1, req); status != http.StatusNotFound {
			t.Errorf("%d %s", status, body)
		}
	})
}
