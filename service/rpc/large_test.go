package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// saying is an agent that gives these replies.
func saying(replies ...channels.Reply) agents.Func {
	return func(ctx context.Context, _ agents.Turn, to channels.Replier) error {
		for _, r := range replies {
			if err := to.Reply(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}
}

// limitedClient is a client that takes messages of 4 MiB, as gRPC's clients do.
func limitedClient(t *testing.T, p protocol, agent agents.Func) manyvoxv1connect.ChannelServiceClient {
	t.Helper()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent})
	return manyvoxv1connect.NewChannelServiceClient(p.over(h), h.URL, append(p.options, connect.WithReadMaxBytes(4<<20))...)
}

// streamed returns the replies of a stream.
func streamed(t *testing.T, c manyvoxv1connect.ChannelServiceClient) (list []*manyvoxv1.Reply) {
	t.Helper()
	stream, err := c.ReceiveStream(servicetest.Context(t), &manyvoxv1.ReceiveStreamRequest{Sender: "ann", Message: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for stream.Receive() {
		if r := stream.Msg().GetReply(); r != nil {
			list = append(list, r.GetReply())
		}
	}
	if stream.Err() != nil {
		t.Fatal(stream.Err())
	}
	return list
}

// A reply that is too large for the API comes as its kind and size, and what is said beside it
// arrives. Too many replies for one answer arrive by a stream.
func TestEdge08_12_LargeRepliesOverRPC(t *testing.T) {
	t.Parallel()
	image := func(size int) channels.Reply {
		return channels.Reply{Image: "data:image/png;base64," + strings.Repeat("A", size)}
	}
	for _, p := range rpcProtocols() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			large := limitedClient(t, p, saying(image(5<<20), channels.Reply{Text: "seen?"}))
			res, err := large.Receive(servicetest.Context(t), &manyvoxv1.ReceiveRequest{Sender: "ann", Message: "hi"})
			if err != nil {
				t.Fatal(err)
			}
			for how, got := range map[string][]*manyvoxv1.Reply{"collected": res.GetReplies(), "streamed": streamed(t, large)} {
				if len(got) != 2 || got[1].GetText() != "seen?" {
					t.Fatalf("%s: %.300v", how, got)
				}
				stands, size := got[0].GetTooLarge(), int64(len(`{"recipient_id":"ann","image":"data:image/png;base64,"}`)+5<<20)
				if got[0].GetKind() != manyvoxv1.Reply_KIND_TOO_LARGE || stands.GetKind() != manyvoxv1.Reply_KIND_IMAGE || stands.GetSize() != size {
					t.Errorf("%s: %v, want an image of %d bytes that is too large", how, got[0], size)
				}
			}

			many := limitedClient(t, p, saying(image(2<<20), image(2<<20)))
			_, err = many.Receive(servicetest.Context(t), &manyvoxv1.ReceiveRequest{Sender: "ann", Message: "hi"})
			checkReason(t, err, connect.CodeResourceExhausted, "REPLIES_TOO_LARGE")
			if got := streamed(t, many); len(got) != 2 || len(got[0].GetImage()) < 2<<20 || len(got[1].GetImage()) < 2<<20 {
				t.Errorf("streamed: %.300v", got)
			}
		})
	}
}

// checkReason checks the code of an error and the reason in its ErrorInfo.
func checkReason(t *testing.T, err error, code connect.Code, reason string) {
	t.Helper()
	var e *connect.Error
	if !errors.As(err, &e) || e.Code() != code {
		t.Errorf("%v, want %v", err, code)
		return
	}
	for _, d := range e.Details() {
		v, err := d.Value()
		if err != nil {
			t.Error(err)
		}
		if info, ok := v.(*errdetails.ErrorInfo); ok && info.GetReason() == reason && info.GetDomain() == "manyvox.dev" {
			return
		}
	}
	t.Errorf("%v: no ErrorInfo with reason %s", e, reason)
}

// levels returns how deep the messages in a protobuf message are nested, as a decoder counts.
func levels(m proto.Message) int {
	deepest := 0
	raw, _ := proto.Marshal(m)
	var walk func(b []byte, depth int) bool
	walk = func(b []byte, depth int) bool {
		for len(b) > 0 {
			_, kind, n := protowire.ConsumeTag(b)
			if n < 0 {
				return false
			}
			size := protowire.ConsumeFieldValue(1, kind, b[n:])
			if size < 0 {
				return false
			}
			if kind == protowire.BytesType {
				if inner, _ := protowire.ConsumeBytes(b[n:]); len(inner) > 0 && walk(inner, depth+1) {
					deepest = max(deepest, depth+1)
				}
			}
			b = b[n+size:]
		}
		return true
	}
	walk(raw, 1)
	return deepest
}

// Any client reads any reply: what is deep or grows comes as JSON text alone.
func TestEdge08_13_AnyClientReadsAnyReply(t *testing.T) {
	t.Parallel()
	nested := func(depth int) json.RawMessage {
		return json.RawMessage(strings.Repeat(`[{"a":`, depth/2) + "1" + strings.Repeat("}]", depth/2))
	}
	numbers := json.RawMessage("[" + strings.TrimSuffix(strings.Repeat("1,", 400_000), ",") + "]")
	escaped := json.RawMessage(`"` + strings.Repeat(`\"[{`, 30) + `"`)
	for _, c := range []struct {
		name    string
		value   json.RawMessage
		isValue bool // it comes as a protobuf value too
	}{
		{"20 levels", nested(20), true},
		{"22 levels", nested(22), false},
		{"10,000 levels", nested(10_000), false},
		{"800 kB of small numbers", numbers, false},
		{"brackets in a string", escaped, true},
		{"a number that no double has room for", json.RawMessage("1e400"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reply := channels.Reply{
				Custom: c.value, Attachment: c.value, Text: "?",
				Buttons: []channels.Button{{Title: "Yes", Extra: map[string]json.RawMessage{"x": c.value}}},
			}
			client := limitedClient(t, rpcProtocols()[2], saying(reply))
			res, err := client.Receive(servicetest.Context(t), &manyvoxv1.ReceiveRequest{Message: "hi"})
			if err != nil {
				t.Fatal(err)
			}
			if n := levels(res); n > 100 {
				t.Errorf("nested %d levels deep", n)
			}
			custom, attachment, button := replyOfKind(t, res, manyvoxv1.Reply_KIND_CUSTOM), replyOfKind(t, res, manyvoxv1.Reply_KIND_ATTACHMENT), replyOfKind(t, res, manyvoxv1.Reply_KIND_BUTTONS).GetButtons()[0]
			for name, got := range map[string]struct {
				value bool
				text  string
			}{
				"custom":     {custom.GetCustom() != nil, custom.GetCustomJson()},
				"attachment": {attachment.GetAttachment() != nil, attachment.GetAttachmentJson()},
				"extra":      {button.GetExtra() != nil, button.GetExtraJson()},
			} {
				want := string(c.value)
				isValue := c.isValue
				if name == "extra" {
					want = `{"x":` + want + `}`
					isValue = isValue && c.name != "20 levels" // the object makes it deeper
				}
				if got.text != want || got.value != isValue {
					t.Errorf("%s: as a value %v, want %v; %.80s", name, got.value, isValue, got.text)
				}
			}
		})
	}
}

func replyOfKind(t *testing.T, res *manyvoxv1.ReceiveResponse, kind manyvoxv1.Reply_Kind) *manyvoxv1.Reply {
	t.Helper()
	i := slices.IndexFunc(res.GetReplies(), func(r *manyvoxv1.Reply) bool { return r.GetKind() == kind })
	if i < 0 {
		t.Fatalf("no reply of %v in %.300v", kind, res)
	}
	return res.GetReplies()[i]
}

// A page of events ends at 1 MiB, an event at 3 MiB, and every event is on some page.
func TestEdge08_13_PagesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
		for i := range 12 {
			e := replyEvent("chat", "ann", fmt.Sprint(i))
			e.Replies = []channels.Reply{{Text: strings.Repeat("a", 300<<10)}, {Custom: json.RawMessage(`"` + strings.Repeat("b", 10) + `"`)}}
			if i == 5 { // more than a client takes
				e.Replies = []channels.Reply{{Text: strings.Repeat("a", 2<<20)}, {Text: strings.Repeat("c", 2<<20)}, {Text: "end"}}
			}
			appendEvents(t, s.Journal, e)
		}
		client := manyvoxv1connect.NewConversationServiceClient(s.HTTP2, s.URL, connect.WithGRPC(), connect.WithReadMaxBytes(4<<20))
		req, seen, pages := &manyvoxv1.ListEventsRequest{}, 0, 0
		for more := true; more; more = req.GetPageToken() != "" {
			res, err := client.ListEvents(operatorContext(t), req)
			if err != nil {
				t.Fatal(err)
			}
			if n := proto.Size(res); n > 1<<20+1024 && len(res.GetEvents()) > 1 {
				t.Errorf("a page of %d bytes and %d events", n, len(res.GetEvents()))
			}
			for _, e := range res.GetEvents() {
				if e.GetMessageId() != fmt.Sprint(seen) {
					t.Fatalf("event %d is of message %s", seen, e.GetMessageId())
				}
				if r := e.GetReply().GetReplies(); seen == 5 && (len(r) != 3 || len(r[0].GetText()) != 2<<20 || r[1].GetTooLarge().GetSize() < 2<<20 || r[2].GetText() != "end") {
					t.Errorf("the large event: %.200v", r)
				}
				seen++
			}
			pages++
			req.PageToken = res.GetNextPageToken()
		}
		if seen != 12 || pages != 5 {
			t.Errorf("%d events on %d pages", seen, pages)
		}
	})
}

// What a caller sends as JSON text wins over the value beside it.
func TestEdge08_15_SendTakesTheExactTwins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.UncalledAgent(t)})
		room, client := "room", rpcProtocols()[1].client(s.Running)
		sendOne := func(r *manyvoxv1.Reply) error {
			_, err := client.Send(operatorContext(t), &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: r})
			synctest.Wait()
			return err
		}
		for _, r := range []*manyvoxv1.Reply{
			{Attachment: structpb.NewStringValue("less"), AttachmentJson: `{"n":12345678901234567890}`},
			{Text: proto.String("?"), Buttons: []*manyvoxv1.Button{{Title: "Yes", Extra: &structpb.Struct{}, ExtraJson: `{"n":12345678901234567890}`}}},
		} {
			if err := sendOne(r); err != nil {
				t.Fatal(err)
			}
		}
		calls := s.Calls()
		if got := string(calls[0].Part.Reply.Attachment); got != `{"n":12345678901234567890}` {
			t.Errorf("attachment %s", got)
		}
		if got := string(calls[1].Part.Reply.Buttons[0].Extra["n"]); got != "12345678901234567890" {
			t.Errorf("extra %s", got)
		}
		for name, r := range map[string]*manyvoxv1.Reply{
			"reply: attachment_json: not JSON":                {AttachmentJson: "{"},
			"reply: buttons[0].extra_json: not a JSON object": {Text: proto.String("?"), Buttons: []*manyvoxv1.Button{{Title: "Yes", ExtraJson: "[1]"}}},
		} {
			checkRefusal(t, name, sendOne(r), connect.CodeInvalidArgument, name)
		}
	})
}
