package service_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
)

// send sends by Connect, or fails the test.
func (s *stage) push(t *testing.T, req *manyvoxv1.SendRequest) *manyvoxv1.SendResponse {
	t.Helper()
	res, err := tongues()[0].client(s.house).Send(operator(t), req)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return res
}

// What is sent is taken apart, fitted and told as an event, as a reply of the agent's is.
func TestSend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{fit: func(p channels.Part) []channels.Part {
			if p.Reply.Text != private+"twice" {
				return []channels.Part{p}
			}
			return []channels.Part{p, p}
		}}, service.Config{Agent: quiet(t)})
		room := "a room"
		extra, err := structpb.NewStruct(map[string]any{"type": "web_url", "n": 1.5})
		if err != nil {
			t.Fatal(err)
		}
		res := s.push(t, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{
			RecipientId: "somebody else", Text: private + "twice", CustomJson: `{"n": 12345678901234567890}`,
			Custom: structpb.NewStringValue("less"), Image: "https://x.example/i.png", Attachment: structpb.NewStringValue("f"),
		}})
		s.push(t, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{
			Text: private + "?", Buttons: []*manyvoxv1.Button{{Title: "Yes", Payload: "/yes", Extra: extra}},
		}})
		s.push(t, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{Text: private + "a\n\nb"}})

		reply := func(r channels.Reply) channels.Reply { r.RecipientID = "ann"; return r }
		twice := reply(channels.Reply{Text: private + "twice"})
		want := []channels.Reply{
			twice, twice, reply(channels.Reply{Custom: json.RawMessage(`{"n": 12345678901234567890}`)}),
			reply(channels.Reply{Image: "https://x.example/i.png"}), reply(channels.Reply{Attachment: json.RawMessage(`"f"`)}),
			reply(channels.Reply{Text: private + "?", Buttons: []channels.Button{{
				Title: "Yes", Payload: "/yes", Extra: map[string]json.RawMessage{"type": json.RawMessage(`"web_url"`), "n": json.RawMessage("1.5")},
			}}}),
			reply(channels.Reply{Text: private + "a"}), reply(channels.Reply{Text: "b"}),
		}
		var got []channels.Reply
		var ids []string
		for _, c := range s.all() {
			got, ids = append(got, c.part.Reply), append(ids, c.part.ID)
			if c.part.Address != room || c.part.Channel != "chat" || c.part.Sender != "ann" || s.ids()[c.part.ID] != 1 {
				t.Errorf("sent %+v", c.part)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(res.GetPartIds(), ids[:5]); diff != "" {
			t.Errorf("the ids of the parts (-told +sent):\n%s", diff)
		}
		page, err := s.journal.Events(t.Context(), journal.EventFilter{Channel: "chat", Sender: "ann"}, -1, 1)
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

// A message with an id goes out once, and its parts have the same ids wherever it is sent.
func TestSendTwice(t *testing.T) {
	t.Parallel()
	var first []string
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			s := perform(t, &platform{}, service.Config{Agent: parrot()})
			room, other := "a room", "another"
			request := func(text string, address *string) *manyvoxv1.SendRequest {
				return &manyvoxv1.SendRequest{
					Channel: "chat", Sender: "ann", MessageId: "news", Address: address, Reply: &manyvoxv1.Reply{Text: private + text, CustomJson: "[1]"},
				}
			}
			ids := s.push(t, request("news", &room)).GetPartIds()
			if first == nil {
				first = ids
			}
			if diff := cmp.Diff(first, ids); diff != "" || len(ids) != 2 || ids[0] == ids[1] {
				t.Errorf("ids (-first +again):\n%s", diff)
			}
			again := s.push(t, request("news", &room))
			if !again.GetDuplicate() || again.GetMessageId() != "news" || len(again.GetPartIds()) > 0 {
				t.Errorf("again: %v", again)
			}
			s.post(t, "chat", "ann", "hello")
			hello := request("hello", nil)
			hello.MessageId = "hello"
			for name, r := range map[string]*manyvoxv1.SendRequest{
				"another text": request("olds", &room), "another address": request("news", &other), "no address": request("news", nil),
				"the id of a user's message": hello,
			} {
				_, err := tongues()[0].client(s.house).Send(operator(t), r)
				checkRefusal(t, name, err, connect.CodeAlreadyExists, "message_id: used for another message of this conversation")
			}
			pass(49 * time.Hour)
			if s.push(t, request("news", &room)).GetDuplicate() {
				t.Error("the id is known for ever")
			}
			if diff := cmp.Diff([]string{"news", "", "hello", "news", ""}, s.taken("chat", "ann")); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
		})
	}
}

// Where a message goes: where its sender says, else where the last one came from, else
// where the channel thinks.
func TestSendAddress(t *testing.T) {
	t.Parallel()
	at := func(s string) *string { return &s }
	for _, c := range []struct {
		name, channel, sender string
		address               *string
		writes                bool
		want                  string
	}{
		{"the sender's word", "chat", "ann", at("a room"), true, "a room"},
		{"the sender's word, none", "chat", "ann", at(""), true, ""},
		{"the last", "chat", "ann", nil, true, "room of ann"},
		{"the last before the channel's", "phone", "+49", nil, true, "room of +49"},
		{"the channel's", "phone", "+49", nil, false, "tel:+49"},
		{"the sender's word before the channel's", "phone", "+49", at("x"), false, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &platform{}
				s := perform(t, p, service.Config{Agent: says(), Channels: instances(t, chatAndMail+"phone:\n", p.typ(), phone(p))})
				if c.writes {
					s.post(t, c.channel, c.sender, "hello")
				}
				s.push(t, &manyvoxv1.SendRequest{Channel: c.channel, Sender: c.sender, Address: c.address, Reply: &manyvoxv1.Reply{Text: "hi"}})
				if calls := s.all(); len(calls) != 1 || calls[0].part.Address != c.want {
					t.Errorf("sent %+v, want it to go to %q", calls, c.want)
				}
			})
		})
	}
}

// What is sent waits its turn behind what is on its way already.
func TestSendKeepsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		p := &platform{answer: func(ctx context.Context, _ channels.Part, _ int) error {
			select {
			case <-open:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		s := perform(t, p, service.Config{Agent: parrot()})
		s.post(t, "chat", "ann", "one")
		s.push(t, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Reply: &manyvoxv1.Reply{Text: private + "two"}})
		s.post(t, "chat", "ann", "three")
		close(open)
		synctest.Wait()
		if diff := cmp.Diff([]string{"one", "two", "three"}, s.taken("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

func TestSendWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
		s.Drain()
		_, err := tongues()[0].client(s.house).Send(operator(t), &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann"})
		checkRefusal(t, "send", err, connect.CodeUnavailable, "the service is shutting down")
	})
}

// A reply that a watcher was told can be sent as it is.
func TestSendWhatWasTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
		var reply manyvoxv1.Reply
		if err := protojson.Unmarshal([]byte(`{"text": "`+private+`?", "buttons": [{"title": "Yes", "extra": {"a": [1, {"b": null}]}}]}`), &reply); err != nil {
			t.Fatal(err)
		}
		room := ""
		s.push(t, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &reply})
		res, err := tongues()[1].client(s.house).ListEvents(operator(t), &manyvoxv1.ListEventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		s.push(t, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: res.GetEvents()[0].GetReply().GetReplies()[0]})
		calls := s.all()
		if len(calls) != 2 {
			t.Fatalf("sent %+v", calls)
		}
		if diff := cmp.Diff(calls[0].part.Reply, calls[1].part.Reply); diff != "" {
			t.Errorf("the second (-first +second):\n%s", diff)
		}
	})
}
