package journal_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

func fullMessage() channels.Message {
	return channels.Message{
		Channel: "web", Sender: "ann", ID: "1", Text: "<é>", InputChannel: "slack", Address: "C1/2",
		Metadata: json.RawMessage(" {\"n\": 12345678901234567890} "), Received: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		Attachments: []channels.Attachment{{Type: "image", URL: "http://x/1.png", MIME: "image/png", Name: "1.png", Size: 3}},
	}
}

func fullReply() channels.Reply {
	return channels.Reply{
		RecipientID: "ann", Text: "hi", Buttons: []channels.Button{{Title: "a", Payload: "/a"}}, Rendered: true, Format: channels.FormatMarkdown,
		Attachment: json.RawMessage("null"), Custom: json.RawMessage(`{"b":1, "a":2}`),
		Extra: map[string]json.RawMessage{"button_type": json.RawMessage(`"reply"`)},
	}
}

func TestEventRecord(t *testing.T) {
	t.Parallel()
	m := fullMessage()
	for name, want := range map[string]channels.Event{
		"message": {Message: &m},
		"reply":   {Replies: []channels.Reply{fullReply(), {Text: "two"}}},
		"part":    {Part: "p1", Receipt: "77", Reason: "gone"},
		"empty":   {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := journal.EncodeEvent(&want)
			if err != nil {
				t.Fatal(err)
			}
			var got channels.Event
			journal.DecodeEvent(body, &got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventRecordUnreadable(t *testing.T) {
	t.Parallel()
	got := channels.Event{Kind: channels.EventReply}
	journal.DecodeEvent([]byte("{"), &got)
	if diff := cmp.Diff(channels.Event{Kind: channels.EventReply, Reason: "the stored event cannot be read"}, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestPartRecordKeepsItsForm(t *testing.T) {
	t.Parallel()
	want := channels.Part{ID: "p", Channel: "web", Sender: "ann", Address: "C1", Reply: fullReply()}
	want.Reply.Format = "" // which it did not have
	body, err := journal.EncodePart(want)
	if err != nil {
		t.Fatal(err)
	}
	// As the first release wrote it: rows outlive the program that stored them.
	const form = `{"id":"p","channel":"web","sender":"ann","address":"C1","reply":{"recipient_id":"ann","text":"hi",` +
		`"buttons":[{"title":"a","payload":"/a"}],"button_type":"reply"},"rendered":true,"attachment":"bnVsbA==",` +
		`"custom":"eyJiIjoxLCAiYSI6Mn0="}`
	if diff := cmp.Diff(form, string(body)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	got, err := journal.DecodePart(body)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("part (-want +got), error %v:\n%s", err, diff)
	}
}

// The type of a part's channel is kept, and whether its text was fitted; a part of an earlier
// version has no type.
func TestPartRecordKeepsItsType(t *testing.T) {
	t.Parallel()
	want := channels.Part{ID: "p", Channel: "web", Type: "callback", Sender: "ann", Reply: fullReply(), Unfitted: 2}
	body, err := journal.EncodePart(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := journal.DecodePart(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("part (-want +got):\n%s", diff)
	}
}
