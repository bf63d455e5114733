package channels_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

func TestReplyJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  string
	}{
		{"nothing", channels.Reply{}, `{"text":""}`},
		{"text", channels.Reply{RecipientID: "ann", Text: "hi"}, `{"recipient_id":"ann","text":"hi"}`},
		{"an empty text with buttons", channels.Reply{Buttons: []channels.Button{}}, `{"text":"","buttons":[]}`},
		{"no text with an image", channels.Reply{Image: "i"}, `{"image":"i"}`},
		{"null custom", channels.Reply{Custom: json.RawMessage("null")}, `{"custom":null}`},
		{
			"every key in order",
			channels.Reply{
				Extra:        map[string]json.RawMessage{"b": json.RawMessage("[ 2 ]"), "a": json.RawMessage("1")},
				Elements:     []channels.Element{{Title: "e", Subtitle: "s", Buttons: []channels.Button{}}},
				QuickReplies: []channels.Button{{Title: "q", Payload: "p"}},
				Custom:       json.RawMessage(`{"c":"<&>"}`),
				Attachment:   json.RawMessage(`"a"`),
				Buttons:      []channels.Button{{Title: "b", Extra: map[string]json.RawMessage{"type": json.RawMessage(`"t"`)}}},
				Image:        "i", Text: "t", RecipientID: "r", Rendered: true, Format: channels.FormatMarkdown,
			},
			`{"recipient_id":"r","text":"t","image":"i","buttons":[{"title":"b","type":"t"}],"attachment":"a",` +
				`"custom":{"c":"<&>"},"quick_replies":[{"title":"q","payload":"p"}],` +
				`"elements":[{"title":"e","subtitle":"s","buttons":[]}],"a":1,"b":[2]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := channels.Marshal(c.reply)
			if diff := cmp.Diff(c.want, string(got)); err != nil || diff != "" {
				t.Errorf("error %v, JSON (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestReplyJSONFails(t *testing.T) {
	t.Parallel()
	bad := json.RawMessage("{")
	for _, c := range []struct {
		name  string
		reply channels.Reply
	}{
		{"custom", channels.Reply{Custom: bad}},
		{"attachment", channels.Reply{Attachment: bad}},
		{"extra", channels.Reply{Extra: map[string]json.RawMessage{"x": bad}}},
		{"a button", channels.Reply{Buttons: []channels.Button{{Extra: map[string]json.RawMessage{"x": bad}}}}},
		{"an element", channels.Reply{Elements: []channels.Element{{Extra: map[string]json.RawMessage{"x": bad}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if b, err := channels.Marshal(c.reply); err == nil {
				t.Errorf("Marshal gives %s", b)
			}
			if c.reply.Validate() == nil {
				t.Error("Validate finds nothing")
			}
		})
	}
}

func TestReplyFormat(t *testing.T) {
	t.Parallel()
	for format, want := range map[channels.Format]string{
		channels.FormatPlain: "", channels.FormatMarkdown: "",
		"Markdown": `format: "Markdown" is none of "" and "markdown"`, "html": `format: "html" is none of "" and "markdown"`,
	} {
		r := channels.Reply{Text: "a", Format: format}
		if diff := cmp.Diff(want, text(r.Validate())); diff != "" {
			t.Errorf("%q (-want +got):\n%s", format, diff)
		}
	}
}

// A part that has a text has its format; an image beside it has none.
func TestExpandKeepsTheFormat(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]channels.Reply{
		"text": {Text: "a\n\nb", Image: "i"}, "whole text": {Text: "a", Image: "i"},
		"buttons": {Text: "a", Buttons: []channels.Button{{}}}, "quick replies": {Text: "a", QuickReplies: []channels.Button{{}}},
	} {
		r.Format = channels.FormatMarkdown
		for _, part := range channels.Expand(r, true) {
			want := channels.FormatMarkdown
			if part.Text == "" {
				want = channels.FormatPlain
			}
			if part.Format != want {
				t.Errorf("%s: format %q of %+v", name, part.Format, part)
			}
		}
	}
}

func TestReplyUnmarshal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, json string
		want       channels.Reply
		wantError  string
	}{
		{name: "nothing", json: `{}`},
		{name: "null counts as absent", json: `{"text":null,"buttons":null,"custom":null,"elements":null}`},
		{
			name: "unknown keys",
			json: `{"text":"hi","button_type":"vertical","n":1.0}`,
			want: channels.Reply{Text: "hi", Extra: map[string]json.RawMessage{
				"button_type": json.RawMessage(`"vertical"`), "n": json.RawMessage("1.0"),
			}},
		},
		{name: "Markdown", json: `{"text":"*hi*","format":"markdown"}`, want: channels.Reply{Text: "*hi*", Format: channels.FormatMarkdown}},
		{name: "a format that is none", json: `{"text":"hi","format":5}`, wantError: "format: json: cannot unmarshal number into Go value of type channels.Format"},
		{
			name: "unknown keys within",
			json: `{"buttons":[{"title":"b","type":"t"}],"elements":[{"title":"e","buttons":[{"payload":"p"}],"image_url":"u"}]}`,
			want: channels.Reply{
				NoText:  true,
				Buttons: []channels.Button{{Title: "b", Extra: map[string]json.RawMessage{"type": json.RawMessage(`"t"`)}}},
				Elements: []channels.Element{{
					Title: "e", Buttons: []channels.Button{{Payload: "p", Keys: []string{"payload"}}},
					Extra: map[string]json.RawMessage{"image_url": json.RawMessage(`"u"`)},
				}},
			},
		},
		{name: "a list", json: `[]`, wantError: "not a JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage"},
		{name: "null", json: `null`, wantError: "null where a JSON object is expected"},
		{name: "text that is none", json: `{"text":5}`, wantError: "text: json: cannot unmarshal number into Go value of type string"},
		{name: "a null button", json: `{"buttons":[null]}`, wantError: "buttons: null where a JSON object is expected"},
		{name: "a button's title", json: `{"buttons":[{"title":[]}]}`, wantError: "buttons: title: json: cannot unmarshal array into Go value of type string"},
		{name: "an element's buttons", json: `{"elements":[{"buttons":{}}]}`, wantError: "elements: buttons: json: cannot unmarshal object into Go value of type []channels.Button"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got channels.Reply
			err := got.UnmarshalJSON([]byte(c.json))
			if diff := cmp.Diff(c.wantError, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, got); err == nil && diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
		})
	}
}

// text returns an error's text, "" when there is no error.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
