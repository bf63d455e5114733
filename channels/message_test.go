package channels_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

func TestMessageJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		message channels.Message
		want    string
	}{
		{
			"a text",
			channels.Message{Sender: "ann", Text: "1 < 2 & 3", InputChannel: "rest"},
			`{"sender":"ann","message":"1 < 2 & 3","input_channel":"rest","metadata":null}`,
		},
		{
			"everything",
			channels.Message{
				Sender: "ann", Text: "hi", InputChannel: "web", ID: "m1",
				Metadata: json.RawMessage(`{"z": 9007199254740993, "a": "<\u00e9>"}`),
				Attachments: []channels.Attachment{
					{Type: "image", URL: "https://x/?a&b", MIME: "image/png", Name: "a.png", Size: 5},
					{Type: "file"},
				},
				Channel: "shown nowhere", Address: "nor this", Received: time.Unix(1, 0),
			},
			`{"sender":"ann","message":"hi","input_channel":"web","metadata":{"z":9007199254740993,"a":"<\u00e9>"},` +
				`"message_id":"m1","attachments":[{"type":"image","url":"https://x/?a&b","mime":"image/png","name":"a.png","size":5},{"type":"file"}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := channels.Marshal(c.message)
			if diff := cmp.Diff(c.want, string(got)); err != nil || diff != "" {
				t.Errorf("error %v, JSON (-want +got):\n%s", err, diff)
			}
		})
	}
}
