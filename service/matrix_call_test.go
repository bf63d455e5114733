package service_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// caller makes calls to one server over one protocol.
type caller interface {
	// call sends the message and calls show with each event of a stream as it
	// arrives. It ends with ctx, whose deadline is sent to the server if the
	// protocol can.
	call(ctx context.Context, c call, show func(event)) result
}

// call is a message to the service, in no protocol's form.
type call struct {
	channels.Message
	// stream asks for the replies as they come instead of all at the end.
	stream bool
	// asStruct sends the metadata as a google.protobuf.Struct.
	asStruct bool
	// gzip compresses the request.
	gzip  bool
	token string
}

// result is what a call came to, in no protocol's form.
type result struct {
	events  []event
	failure *failure // nil when there was none
}

// event is a piece of text or a complete reply, in the JSON of Rasa's REST channel.
type event struct{ id, delta, reply string }

// failure is what a caller learns when a call fails. What its protocol leaves out is
// zero.
type failure struct {
	rpc        uint32 // the number of the code
	http       int    // the status
	name       string // the code in the error object
	message    string
	retryAfter string
}

// is reports how the failure differs from what a code should look like.
func (f *failure) is(code channels.Code) error {
	switch {
	case f == nil:
		return fmt.Errorf("no failure, want %v", code)
	case f.rpc == 0 && f.name == "":
		return fmt.Errorf("no code but %q, want %v", f.message, code)
	case f.rpc != 0 && f.rpc != code.RPC():
		return fmt.Errorf("code number %d (%s), want %d (%v)", f.rpc, f.message, code.RPC(), code)
	case f.name != "" && f.name != code.String():
		return fmt.Errorf("code %s (%s), want %v", f.name, f.message, code)
	case f.http != 0 && f.http != code.HTTP():
		return fmt.Errorf("HTTP status %d (%s), want %d (%v)", f.http, f.message, code.HTTP(), code)
	}
	return nil
}

func (r result) replies() []string {
	var replies []string
	for _, e := range r.events {
		if e.reply != "" {
			replies = append(replies, e.reply)
		}
	}
	return replies
}

// request returns the message of Receive.
func (c call) request() (*manyvoxv1.ReceiveRequest, error) {
	req := &manyvoxv1.ReceiveRequest{
		Channel: c.Channel, Sender: c.Sender, Message: c.Text, InputChannel: c.InputChannel, MessageId: c.ID,
	}
	for _, a := range c.Attachments {
		req.Attachments = append(req.Attachments, &manyvoxv1.Attachment{
			Type: a.Type, Url: a.URL, Mime: a.MIME, Name: a.Name, Size: a.Size,
		})
	}
	if !c.asStruct {
		req.MetadataJson = string(c.Metadata)
		return req, nil
	}
	req.Metadata = &structpb.Struct{}
	return req, protojson.Unmarshal(c.Metadata, req.Metadata)
}

// streamRequest returns the message of ReceiveStream: by the API's word it has the
// same fields with the same numbers.
func (c call) streamRequest() (*manyvoxv1.ReceiveStreamRequest, error) {
	req, err := c.request()
	if err != nil {
		return nil, err
	}
	wire, err := proto.Marshal(req)
	if err != nil {
		return nil, err
	}
	out := &manyvoxv1.ReceiveStreamRequest{}
	return out, proto.Unmarshal(wire, out)
}

// eventsOf returns the replies of Receive as events.
func eventsOf(res *manyvoxv1.ReceiveResponse) []event {
	var events []event
	for _, r := range res.GetReplies() {
		events = append(events, event{reply: replyJSON(r)})
	}
	return events
}

// eventOf returns what ReceiveStream sent, unless it shows nothing.
func eventOf(res *manyvoxv1.ReceiveStreamResponse) (e event, shows bool) {
	switch {
	case res.GetStarted() != nil:
		return e, false
	case res.GetDelta() != nil:
		return event{id: res.GetDelta().GetReplyId(), delta: res.GetDelta().GetText()}, true
	}
	return event{id: res.GetReply().GetReplyId(), reply: replyJSON(res.GetReply().GetReply())}, true
}

// replyJSON returns a reply as Rasa's REST channel writes it, or what is wrong with it.
func replyJSON(r *manyvoxv1.Reply) string {
	out := channels.Reply{
		RecipientID: r.GetRecipientId(), Text: r.GetText(), Image: r.GetImage(),
		Attachment: valueJSON(r.GetAttachment()),
	}
	for _, b := range r.GetButtons() {
		button := channels.Button{Title: b.GetTitle(), Payload: b.GetPayload(), Extra: map[string]json.RawMessage{}}
		for key, value := range b.GetExtra().GetFields() {
			button.Extra[key] = valueJSON(value)
		}
		out.Buttons = append(out.Buttons, button)
	}
	if r.GetCustomJson() != "" {
		out.Custom = json.RawMessage(r.GetCustomJson())
		var same any
		if err := json.Unmarshal(out.Custom, &same); err != nil || !cmp.Equal(same, r.GetCustom().AsInterface()) {
			return fmt.Sprintf("custom %v, but custom_json %s", r.GetCustom(), out.Custom)
		}
	}
	b, err := channels.Marshal(out)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func valueJSON(v *structpb.Value) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := v.MarshalJSON()
	if err != nil {
		return nil // as if it were missing: then the comparison fails
	}
	return b
}
