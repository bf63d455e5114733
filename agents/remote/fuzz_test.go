package remote_test

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/remote"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// FuzzEvents decodes what a stranger may stream: an error of the agent's, or replies that may go
// anywhere.
func FuzzEvents(f *testing.F) {
	add := func(events ...*manyvoxv1.ReceiveStreamResponse) {
		var b bytes.Buffer
		for _, e := range events {
			if _, err := protodelim.MarshalTo(&b, e); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(b.Bytes())
	}
	add()
	add(deltaOf("1", "a"), deltaOf("2", "b"), replyOf("1", &manyvoxv1.Reply{Text: proto.String("a")}), replyOf("2", &manyvoxv1.Reply{Text: proto.String("b")}))
	add(deltaOf("1", "a"), replyOf("2", &manyvoxv1.Reply{Image: "u"}))
	add(replyOf("1", &manyvoxv1.Reply{CustomJson: `{"a":1}`, Buttons: []*manyvoxv1.Button{{Title: "A", ExtraJson: `{"b":2}`}}}))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var events []*manyvoxv1.ReceiveStreamResponse
		for r := bytes.NewReader(stream); r.Len() > 0; {
			e := &manyvoxv1.ReceiveStreamResponse{}
			if protodelim.UnmarshalFrom(r, e) != nil {
				break
			}
			events = append(events, e)
		}
		rec := &agenttest.Recorder{}
		err := remote.Decode(t.Context(), events, rec)
		if err != nil && channels.AsError(err).Code == channels.CodeInternal {
			t.Errorf("error %v is no *channels.Error", err)
		}
		if err == nil && len(rec.Pending) > 0 {
			t.Errorf("%q is left open by %v", rec.Pending, events)
		}
		for i := range rec.Replies {
			if err := rec.Replies[i].Validate(); err != nil {
				t.Errorf("reply %+v: %v", rec.Replies[i], err)
			}
			if _, err := channels.Marshal(rec.Replies[i]); err != nil {
				t.Errorf("reply %+v: %v", rec.Replies[i], err)
			}
		}
	})
}
