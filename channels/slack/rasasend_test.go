package slack_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// TestRasaSend has the bodies that Rasa's own tests ask for, where as_user is set.
func TestRasaSend(t *testing.T) {
	t.Parallel()
	const (
		attachment = `{"fallback":"Financial Report","color":"#36a64f","author_name":"ABX","title":"Q1 Results","title_link":"http://www.example.com/","text":"Dale Riyo's slack q1 sales","ts":123456789}`
		call       = "POST /api/chat.postMessage "
		threaded   = `"thread_ts":"1.5",`
	)
	image := `"blocks":[{"alt_text":"http://www.rasa.net/a.png","image_url":"http://www.rasa.net/a.png","type":"image"}]`
	buttons := `"blocks":[{"text":{"text":"which one?","type":"plain_text"},"type":"section"},{"elements":[{"text":{"text":"First","type":"plain_text"},"type":"button","value":"first"}],"type":"actions"}]`
	for _, sender := range []string{"General", "U1_General_1.5"} {
		thread := ""
		if sender != "General" {
			thread = threaded
		}
		say := func(before, after string) []string {
			return []string{call + `{"as_user":true,` + before + `"channel":"General"` + after + `}`}
		}
		// Keys of JSON are sorted, so that thread_ts stands behind text.
		withThread := func(s string) string { return s }
		if thread != "" {
			withThread = func(s string) string { return s + `,"thread_ts":"1.5"` }
		}
		cases := []channeltest.Sent{
			{Name: "attachment", Reply: channels.Reply{Attachment: json.RawMessage(attachment)}, Calls: say(`"attachments":[`+attachment+`],`, withThread(""))},
			{Name: "attachment with text", Reply: channels.Reply{Attachment: json.RawMessage(attachment), Text: "Here is the summary:"}, Calls: say(`"attachments":[`+attachment+`],`, withThread(`,"text":"Here is the summary:"`))},
			{Name: "image", Reply: channels.Reply{Image: "http://www.rasa.net/a.png"}, Calls: say(image+",", withThread(`,"text":"http://www.rasa.net/a.png"`))},
			{Name: "text", Reply: channels.Reply{Text: "my message"}, Calls: say("", withThread(`,"text":"my message"`)+`,"type":"mrkdwn"`)},
			{Name: "buttons", Reply: channels.Reply{Text: "which one?", Buttons: []channels.Button{{Title: "First", Payload: "first"}}}, Calls: say(buttons+",", withThread(`,"text":"which one?"`))},
			{Name: "custom", Reply: channels.Reply{Custom: json.RawMessage(`{"test_key":"test_value"}`)}, Calls: say("", `,"test_key":"test_value"`+withThread(""))},
		}
		for i := range cases {
			cases[i].Name, cases[i].Sender, cases[i].Receipt = cases[i].Name+" to "+sender, sender, "1"
			cases[i].Answers = []http.HandlerFunc{channeltest.Answer(200, `{"ok":true,"ts":"1"}`)}
		}
		channeltest.Outbound(t, typ(), webhook+local+"\nas_user: true", cases)
	}
}
