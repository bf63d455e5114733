package rpc

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

func TestConvertReply(t *testing.T) {
	t.Parallel()
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  string // as protojson
	}{
		{"text", channels.Reply{RecipientID: "ann", Text: "hi"}, `{"recipientId":"ann","kind":"KIND_TEXT","text":"hi"}`},
		{"image", channels.Reply{Image: "i.png"}, `{"kind":"KIND_IMAGE","image":"i.png"}`},
		{
			"custom, exact beside doubles", channels.Reply{Custom: raw(`{"id": 12345678901234567890}`)},
			`{"kind":"KIND_CUSTOM","custom":{"id":12345678901234567000},"customJson":"{\"id\": 12345678901234567890}"}`,
		},
		{"custom of another kind", channels.Reply{Custom: raw(`"x"`)}, `{"kind":"KIND_CUSTOM","custom":"x","customJson":"\"x\""}`},
		{"attachment", channels.Reply{Attachment: raw(`{"type":"file"}`)}, `{"kind":"KIND_ATTACHMENT","attachment":{"type":"file"},"attachmentJson":"{\"type\":\"file\"}"}`},
		{"attachment that is a text", channels.Reply{Attachment: raw(`"https://x"`)}, `{"kind":"KIND_ATTACHMENT","attachment":"https://x","attachmentJson":"\"https://x\""}`},
		{
			"buttons", channels.Reply{Text: "?", Buttons: []channels.Button{
				{Title: "Yes", Payload: "/yes"},
				{Title: "Site", Extra: map[string]json.RawMessage{"type": raw(`"web_url"`), "n": raw(`null`)}},
			}},
			`{"kind":"KIND_BUTTONS","text":"?","buttons":[{"title":"Yes","payload":"/yes"},{"title":"Site","extra":{"type":"web_url","n":null},"extraJson":"{\"n\":null,\"type\":\"web_url\"}"}]}`,
		},
		{
			"beyond a double", channels.Reply{Custom: raw(`{"n":1e400}`), Attachment: raw(`1e400`)},
			`{"kind":"KIND_CUSTOM","attachmentJson":"1e400","customJson":"{\"n\":1e400}"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list := repliesOf([]channels.Reply{{Text: "before"}, c.reply})
			var want manyvoxv1.Reply
			if err := protojson.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&want, list[1], protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
