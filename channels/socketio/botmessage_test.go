package socketio_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/socketio"
)

// TestShapes turns replies, as the service expands them, into what clients get.
func TestShapes(t *testing.T) {
	t.Parallel()
	yes := []channels.Button{{Title: "Yes", Payload: "/yes", Extra: map[string]json.RawMessage{"type": []byte(`"x"`)}}, {Title: "No"}}
	const quick = `"quick_replies":[{"content_type":"text","title":"Yes","payload":"/yes"},{"content_type":"text","title":"No","payload":"No"}]`
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  []string
	}{
		{"text", channels.Reply{Text: `a <b> & "c"`}, []string{`{"text":"a <b> & \"c\""}`}},
		{"buttons", channels.Reply{Text: "?", Buttons: yes}, []string{`{"text":"?",` + quick + `}`}},
		{"quick replies", channels.Reply{Text: "?", QuickReplies: yes}, []string{`{"text":"?",` + quick + `}`}},
		{"buttons under paragraphs", channels.Reply{Text: "a\n\nb", Buttons: yes}, []string{`{"text":"a","quick_replies":[]}`, `{"text":"b",` + quick + `}`}},
		{"quick replies under paragraphs", channels.Reply{Text: "a\n\nb", QuickReplies: yes}, []string{`{"text":"a","quick_replies":[]}`, `{"text":"b",` + quick + `}`}},
		{"buttons without text", channels.Reply{Buttons: yes}, []string{`{"text":"",` + quick + `}`}},
		{"rendered", channels.Reply{Text: " a\n\nb", Buttons: yes, Rendered: true}, []string{`{"text":" a\n\nb",` + quick + `}`}},
		{"Markdown", channels.Reply{Text: "a\n\nb", Buttons: yes, Format: channels.FormatMarkdown}, []string{`{"text":"a\n\nb",` + quick + `}`}},
		{"image", channels.Reply{Image: "https://a.example/a.png?b&c"}, []string{`{"attachment":{"type":"image","payload":{"src":"https://a.example/a.png?b&c"}}}`}},
		{"attachment", channels.Reply{Attachment: []byte(`{"type":"file", "n":1.0}`)}, []string{`{"attachment":{"type":"file","n":1.0}}`}},
		{"attachment that is a text", channels.Reply{Attachment: []byte(`"https://a.example"`)}, []string{`{"attachment":"https://a.example"}`}},
		{
			"elements", channels.Reply{Elements: []channels.Element{{Title: "A", Subtitle: "a", Buttons: yes[1:]}, {Title: "B"}}},
			[]string{
				`{"attachment":{"type":"template","payload":{"template_type":"generic","elements":{"title":"A","subtitle":"a","buttons":[{"title":"No"}]}}}}`,
				`{"attachment":{"type":"template","payload":{"template_type":"generic","elements":{"title":"B"}}}}`,
			},
		},
		{"custom", channels.Reply{Custom: []byte(`{"kind": "weather", "n": 1.50}`)}, []string{`{"kind":"weather","n":1.50}`}},
		{"custom with data", channels.Reply{Custom: []byte(`{"data":{"a":1},"room":"x"}`)}, []string{`{"a":1}`}},
		{"custom list", channels.Reply{Custom: []byte(`[1,2]`)}, []string{`[1,2]`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fitter := channeltest.Open(t, socketio.Type(), "").(channels.Fitter)
			part := channels.Part{ID: "p", Channel: "socketio", Sender: "ann", Reply: c.reply}
			var got []string
			for _, p := range fitter.Fit(part) {
				if again := fitter.Fit(p); len(again) != 1 { // what fits stays
					t.Errorf("once more: %d parts", len(again))
				}
				stored, err := p.Reply.MarshalJSON() // as the journal keeps it
				var r channels.Reply
				if err != nil || r.UnmarshalJSON(stored) != nil {
					t.Fatalf("%s: %v", stored, err)
				}
				payload, err := socketio.Payload(r)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(payload))
				p.Reply = c.reply
				if diff := cmp.Diff(part, p); diff != "" {
					t.Errorf("more than the reply has changed (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestShapesRefuse(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]channels.Reply{
		"custom that is not JSON":     {Custom: []byte(`{"a":`)},
		"attachment that is not JSON": {Attachment: []byte(`x`)},
		"several cards":               {Elements: make([]channels.Element, 2)},
	} {
		if payload, err := socketio.Payload(r); err == nil {
			t.Errorf("%s: %s", name, payload)
		}
	}
}
