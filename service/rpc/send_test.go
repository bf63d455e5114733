package rpc_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// send sends a reply by Connect, or fails the test.
func send(t *testing.T, s *servicetest.Harness, req *manyvoxv1.SendRequest) *manyvoxv1.SendResponse {
	t.Helper()
	res, err := rpcProtocols()[0].client(s.Running).Send(operatorContext(t), req)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return res
}

// A sent reply is cut into parts, fitted and recorded as an event, as an agent's reply is.
func TestSend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnFit: func(p channels.Part) []channels.Part {
			if p.Reply.Text != servicetest.Private+"twice" {
				return []channels.Part{p}
			}
			return []channels.Part{p, p}
		}}, service.Config{Agent: servicetest.UncalledAgent(t)})
		room := "a room"
		extra, err := structpb.NewStruct(map[string]any{"type": "web_url", "n": 1.5})
		if err != nil {
			t.Fatal(err)
		}
		res := send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{
			RecipientId: "somebody else", Text: proto.String(servicetest.Private + "twice"), CustomJson: `{"n": 12345678901234567890}`,
			Custom: structpb.NewStringValue("less"), Image: "https://x.example/i.png", Attachment: structpb.NewStringValue("f"),
		}})
		send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{
			Text: proto.String(servicetest.Private + "?"), Buttons: []*manyvoxv1.Button{{Title: "Yes", Payload: "/yes", Extra: extra}},
		}})
		send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{Text: proto.String(servicetest.Private + "a\n\nb")}})
		send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{
			Text: proto.String(servicetest.Private + "*a*\n\nb"), Format: "markdown",
		}})

		reply := func(r channels.Reply) channels.Reply { r.RecipientID = "ann"; return r }
		twice := reply(channels.Reply{Text: servicetest.Private + "twice"})
		want := []channels.Reply{
			twice, twice, reply(channels.Reply{Custom: json.RawMessage(`{"n": 12345678901234567890}`)}),
			reply(channels.Reply{Image: "https://x.example/i.png"}), reply(channels.Reply{Attachment: json.RawMessage(`"f"`)}),
			reply(channels.Reply{Text: servicetest.Private + "?", Buttons: []channels.Button{{
				Title: "Yes", Payload: "/yes", Extra: map[string]json.RawMessage{"type": json.RawMessage(`"web_url"`), "n": json.RawMessage("1.5")},
			}}}),
			reply(channels.Reply{Text: servicetest.Private + "a"}), reply(channels.Reply{Text: "b"}),
			reply(channels.Reply{Text: servicetest.Private + "*a*\n\nb", Format: channels.FormatMarkdown}),
		}
		var got []channels.Reply
		var ids []string
		for _, c := range s.Calls() {
			got, ids = append(got, c.Part.Reply), append(ids, c.Part.ID)
			if c.Part.Address != room || c.Part.Channel != "chat" || c.Part.Sender != "ann" || s.SendsByID()[c.Part.ID] != 1 {
				t.Errorf("sent %+v", c.Part)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(res.GetPartIds(), ids[:5]); diff != "" {
			t.Errorf("the ids of the parts (-returned +sent):\n%s", diff)
		}
		page, err := s.Journal.Events(t.Context(), journal.EventFilter{Channel: "chat", Sender: "ann"}, -1, 1)
		if err != nil || len(page.Events) == 0 {
			t.Fatal(page, err)
		}
		wantEvent := channels.Event{
			Cursor: 1, Kind: channels.EventReply, Channel: "chat", Sender: "ann", MessageID: res.GetMessageId(), Time: time.Now(),
			Replies: []channels.Reply{want[0], want[2], want[3], want[4]},
		}
		if diff := cmp.Diff(wantEvent, page.Events[0]); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	})
}

// A message with an id is sent once. Its parts have the same ids in every service.
func TestSendTwice(t *testing.T) {
	t.Parallel()
	var first []string
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
			room, other := "a room", "another"
			request := func(text string, address *string) *manyvoxv1.SendRequest {
				return &manyvoxv1.SendRequest{
					Channel: "chat", Sender: "ann", MessageId: "news", Address: address, Reply: &manyvoxv1.Reply{Text: proto.String(servicetest.Private + text), CustomJson: "[1]"},
				}
			}
			ids := send(t, s, request("news", &room)).GetPartIds()
			if first == nil {
				first = ids
			}
			if diff := cmp.Diff(first, ids); diff != "" || len(ids) != 2 || ids[0] == ids[1] {
				t.Errorf("ids (-first +again):\n%s", diff)
			}
			again := send(t, s, request("news", &room))
			if !again.GetDuplicate() || again.GetMessageId() != "news" || len(again.GetPartIds()) > 0 {
				t.Errorf("again: %v", again)
			}
			s.Post(t, "chat", "ann", "hello")
			hello := request("hello", nil)
			hello.MessageId = "hello"
			for name, r := range map[string]*manyvoxv1.SendRequest{
				"another text": request("olds", &room), "another address": request("news", &other), "no address": request("news", nil),
				"the id of a user's message": hello,
			} {
				_, err := rpcProtocols()[0].client(s.Running).Send(operatorContext(t), r)
				checkRefusal(t, name, err, connect.CodeAlreadyExists, "message_id: used for another message of this conversation")
			}
			servicetest.Advance(49 * time.Hour)
			if send(t, s, request("news", &room)).GetDuplicate() {
				t.Error("the id is still known")
			}
			if diff := cmp.Diff([]string{"news", "", "hello", "news", ""}, s.Accepted("chat", "ann")); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
		})
	}
}

// A message goes to the address that the request gives, else to that of the sender's last
// message, else to the one that the channel knows.
func TestSendAddress(t *testing.T) {
	t.Parallel()
	at := func(s string) *string { return &s }
	for _, c := range []struct {
		name, channel, sender string
		address               *string
		writes                bool
		want                  string
	}{
		{"the request's", "chat", "ann", at("a room"), true, "a room"},
		{"the request's, empty", "chat", "ann", at(""), true, ""},
		{"the last", "chat", "ann", nil, true, "room of ann"},
		{"the last before the channel's", "phone", "+49", nil, true, "room of +49"},
		{"the channel's", "phone", "+49", nil, false, "tel:+49"},
		{"the request's before the channel's", "phone", "+49", at("x"), false, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.FakePlatform{}
				s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.ReplyWith(), Channels: servicetest.Channels(t, servicetest.ChatAndMail+"phone:\n", p.Type(), phone(p))})
				if c.writes {
					s.Post(t, c.channel, c.sender, "hello")
				}
				send(t, s, &manyvoxv1.SendRequest{Channel: c.channel, Sender: c.sender, Address: c.address, Reply: &manyvoxv1.Reply{Text: proto.String("hi")}})
				if calls := s.Calls(); len(calls) != 1 || calls[0].Part.Address != c.want {
					t.Errorf("sent %+v, want it to go to %q", calls, c.want)
				}
			})
		})
	}
}

// A sent reply waits for the parts of the conversation that are still to be sent.
func TestSendKeepsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		p := &servicetest.FakePlatform{OnSend: func(ctx context.Context, _ channels.Part, _ int) error {
			select {
			case <-open:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "one")
		send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Reply: &manyvoxv1.Reply{Text: proto.String(servicetest.Private + "two")}})
		s.Post(t, "chat", "ann", "three")
		close(open)
		synctest.Wait()
		if diff := cmp.Diff([]string{"one", "two", "three"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

func TestSendWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
		s.Drain()
		_, err := rpcProtocols()[0].client(s.Running).Send(operatorContext(t), &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann"})
		checkRefusal(t, "send", err, connect.CodeUnavailable, "the service is shutting down")
	})
}

// A reply from ListEvents can be sent as it is.
func TestSendAListedReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
		var reply manyvoxv1.Reply
		if err := protojson.Unmarshal([]byte(`{"text": "`+servicetest.Private+`?", "buttons": [{"title": "Yes", "extra": {"a": [1, {"b": null}]}}]}`), &reply); err != nil {
			t.Fatal(err)
		}
		room := ""
		send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &reply})
		res, err := rpcProtocols()[1].client(s.Running).ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		send(t, s, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: res.GetEvents()[0].GetReply().GetReplies()[0]})
		calls := s.Calls()
		if len(calls) != 2 {
			t.Fatalf("sent %+v", calls)
		}
		if diff := cmp.Diff(calls[0].Part.Reply, calls[1].Part.Reply); diff != "" {
			t.Errorf("the second (-first +second):\n%s", diff)
		}
	})
}
