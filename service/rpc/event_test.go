package rpc_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Every kind of event has its message, also when its texts are not UTF-8.
func TestEventForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		event channels.Event
		want  *manyvoxv1.Event
	}{
		{
			channels.Event{Kind: channels.EventMessage, Message: &channels.Message{
				Text: "hi\xff", InputChannel: "web", Metadata: json.RawMessage(`{"n":12345678901234567890}`), Address: "C1",
				Attachments: []channels.Attachment{{Type: "image", URL: "https://x.example", Ref: "r", Content: []byte("never shown"), MIME: "image/png", Name: "x", Size: 3}},
			}},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Message{Message: &manyvoxv1.UserMessage{
				Text: "hi\uFFFD", InputChannel: "web", MetadataJson: `{"n":12345678901234567890}`, Address: "C1",
				Attachments: []*manyvoxv1.Attachment{{Type: "image", Url: "https://x.example", Ref: "r", Mime: "image/png", Name: "x", Size: 3}},
			}}},
		},
		{
			channels.Event{Kind: channels.EventReply, Replies: []channels.Reply{
				{Text: "?", QuickReplies: []channels.Button{{Title: "Yes"}}}, {Custom: json.RawMessage(`[1]`)},
				{Elements: []channels.Element{{Title: "A", Subtitle: "a"}, {Title: "B", Subtitle: "b"}}},
			}},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Reply{Reply: &manyvoxv1.EventReply{Replies: []*manyvoxv1.Reply{
				{Kind: manyvoxv1.Reply_KIND_BUTTONS, Text: proto.String("?"), Buttons: []*manyvoxv1.Button{{Title: "Yes"}}},
				{Kind: manyvoxv1.Reply_KIND_CUSTOM, CustomJson: "[1]", Custom: structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{structpb.NewNumberValue(1)}})},
				{Kind: manyvoxv1.Reply_KIND_BUTTONS, Text: proto.String("A : a")}, {Kind: manyvoxv1.Reply_KIND_BUTTONS, Text: proto.String("B : b")},
			}}}},
		},
		{
			channels.Event{Kind: channels.EventSent, Part: "p", Receipt: "77"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Sent{Sent: &manyvoxv1.EventSent{PartId: "p", Receipt: "77"}}},
		},
		{
			channels.Event{Kind: channels.EventUndelivered, Part: "p", Reason: "gone"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Undelivered{Undelivered: &manyvoxv1.EventUndelivered{PartId: "p", Reason: "gone", Code: "gone"}}},
		},
		{
			channels.Event{Kind: channels.EventExpired, Part: "p", Reason: "absent"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Expired{Expired: &manyvoxv1.EventExpired{PartId: "p", Reason: "absent", Code: "absent"}}},
		},
		{
			channels.Event{Kind: channels.EventFailed, Reason: "unknown: it failed"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Failed{Failed: &manyvoxv1.EventFailed{Reason: "it failed", Code: "unknown"}}},
		},
		{
			channels.Event{Kind: channels.EventInterrupted, Reason: "unknown: it failed"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Interrupted{Interrupted: &manyvoxv1.EventInterrupted{Reason: "it failed", Code: "unknown"}}},
		},
		{
			channels.Event{Kind: channels.EventGap, Reason: "the journal could not be written"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Gap{Gap: &manyvoxv1.EventGap{Reason: "the journal could not be written", Code: "dropped"}}},
		},
		{
			channels.Event{Kind: channels.EventDelivered, Part: "p", Receipt: "77"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Delivered{Delivered: &manyvoxv1.EventDelivered{PartId: "p", Receipt: "77"}}},
		},
		{
			channels.Event{Kind: channels.EventRead, Part: "p", Receipt: "77"},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Read{Read: &manyvoxv1.EventRead{PartId: "p", Receipt: "77"}}},
		},
		{
			channels.Event{Kind: channels.EventRefused, Reason: journal.ReasonRefused},
			&manyvoxv1.Event{Kind: &manyvoxv1.Event_Refused{Refused: &manyvoxv1.EventRefused{Reason: journal.ReasonRefused, Code: "refused"}}},
		},
		{channels.Event{Kind: "a later version's"}, &manyvoxv1.Event{}},
	} {
		t.Run(string(c.event.Kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
				c.event.Channel, c.event.Sender, c.event.MessageID, c.event.Time = "chat", "ann\xff", "m", time.Now()
				appendEvents(t, s.Journal, c.event)
				c.want.Cursor, c.want.Channel, c.want.Sender, c.want.MessageId, c.want.Time = cursor(1), "chat", "ann\uFFFD", "m", timestamppb.Now()
				res, err := rpcProtocols()[2].client(s.Running).ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{})
				if err != nil {
					t.Fatal(err)
				}
				want := &manyvoxv1.ListEventsResponse{Events: []*manyvoxv1.Event{c.want}}
				if diff := cmp.Diff(want, res, protocmp.Transform()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
