package callback_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/channeltest"
)

const hi = `{"sender":"ann","message":"hi"}`

func TestContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, callback.Type(), channeltest.Case{Body: hi}, channeltest.Platform{
		Block: "url: http://app.example/bot",
		Recipient: func(r *http.Request) string {
			var body struct {
				Recipient string `json:"recipient_id"`
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			return body.Recipient
		},
		Refuse:   status(410), // 403 is about our credentials here
		Failures: failures(),
		Screen: &channeltest.Screen{ // the target has no limits, and gets replies as they are
			Markdown: channeltest.Markdown, MaxButtons: math.MaxInt, MaxPayload: math.MaxInt,
			Read: func(r *http.Request) channeltest.Shown {
				var reply channels.Reply
				if err := json.NewDecoder(r.Body).Decode(&reply); err != nil {
					t.Error(err)
				}
				return channeltest.Shown{Text: reply.Text, Buttons: reply.Buttons}
			},
		},
		Delivers: channeltest.Deliveries{Kinds: map[channels.Kind]string{
			channels.KindAttachment: `{"sender":"ann","message":"","attachments":[{"type":"image","url":"https://app.example/a.png"}]}`,
		}},
	})
}

// failures are those of a target that is one for all: what it means is about the whole channel.
func failures() (list []channeltest.Failure) {
	for code, class := range map[int]channels.SendClass{
		400: channels.SendRejected, 401: channels.SendUnauthorized, 403: channels.SendUnauthorized, 404: channels.SendUnavailable,
		410: channels.SendGone, 429: channels.SendThrottled, 500: channels.SendUnavailable,
	} {
		f := channeltest.Failure{
			Name: strconv.Itoa(code), Answer: status(code, "Retry-After", "7"),
			Err: channels.SendError{Class: class, Scope: channels.ScopeChannel, Code: strconv.Itoa(code)},
		}
		if class == channels.SendThrottled {
			f.Err.RetryAfter = 7 * time.Second
		}
		list = append(list, f)
	}
	return list
}

func TestInbound(t *testing.T) {
	t.Parallel()
	posted := []channels.Message{{Sender: "ann", Text: "hi"}}
	taken := map[string]string{"Content-Type": "text/plain; charset=utf-8"}
	channeltest.Inbound(t, channeltest.Open(t, callback.Type(), callback.Type().Example), []channeltest.Case{
		{Name: "message", Body: hi, Posted: posted, Answer: "success", AnswerHeader: taken},
		{Name: "with a slash", Target: "/webhook/", Body: hi, Posted: posted, Answer: "success"},
		{Name: "stream means nothing", Target: "/webhook?stream=true", Body: hi, Posted: posted, Answer: "success", AnswerHeader: taken},
		{Name: "no sender", Body: `{"message":"hi"}`, Posted: []channels.Message{{Text: "hi"}}, Answer: "success"},
		{
			Name: "all keys",
			Body: `{"sender":7,"message":"","input_channel":"app","metadata":{"n":1.0},"message_id":"m1",` +
				`"attachments":[{"type":"image","url":"https://app.example/a.png"}]}`,
			Posted: []channels.Message{{
				Sender: "7", InputChannel: "app", Metadata: json.RawMessage(`{"n":1.0}`), ID: "m1",
				Attachments: []channels.Attachment{{Type: "image", URL: "https://app.example/a.png"}},
			}},
			Answer: "success",
		},
		{
			Name: "no message", Body: `{"sender":"ann"}`, Status: 400,
			Answer: `{"error":{"code":"invalid_argument","message":"key \"message\" is missing: expected the user's text, which may be empty"}}`,
		},
		{
			Name: "unavailable", Body: hi, Posted: posted, Status: 503,
			Err:          &channels.Error{Code: channels.CodeUnavailable, Message: "shutting down", RetryAfter: 3 * time.Second},
			Answer:       `{"error":{"code":"unavailable","message":"shutting down"}}`,
			AnswerHeader: map[string]string{"Retry-After": "3"},
		},
		{
			Name: "overloaded", Body: hi, Posted: posted, Status: 503,
			Err:          fmt.Errorf("posting: %w", channels.Errorf(channels.CodeOverloaded, "the disk is full")),
			Answer:       `{"error":{"code":"resource_exhausted","message":"the disk is full"}}`,
			AnswerHeader: map[string]string{"Retry-After": "1"},
		},
		{
			Name: "invalid", Body: hi, Posted: posted, Status: 400,
			Err:          channels.Errorf(channels.CodeInvalid, "message: too long"),
			Answer:       `{"error":{"code":"invalid_argument","message":"message: too long"}}`,
			AnswerHeader: map[string]string{"Retry-After": ""},
		},
		{
			Name: "a defect", Body: hi, Posted: posted, Status: 500, Err: errors.New("s3cr3t"),
			Answer: `{"error":{"code":"internal","message":"internal error, see the log"}}`,
		},
		{
			Name: "other method", Method: "PUT", Body: hi, Status: 405,
			Answer:       `{"error":{"code":"method_not_allowed","message":"method PUT: messages are sent by POST"}}`,
			AnswerHeader: map[string]string{"Allow": "POST"},
		},
		{
			Name: "other route", Target: "/", Body: hi, Status: 404,
			Answer: `{"error":{"code":"not_found","message":"no such route: messages are posted to /webhook"}}`,
		},
	})
}

func TestGuarded(t *testing.T) {
	t.Parallel()
	c := channeltest.Open(t, callback.Type(), "url: https://app.example/bot\ntoken: out\ninbound_token: in")
	if got := c.(channels.Guarded).Guarded().Token.Reveal(); got != "in" {
		t.Errorf("guarded by %q", got)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	yes := []channels.Button{{Title: "Yes", Payload: "/yes"}}
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  []channels.Reply
	}{
		{"text", channels.Reply{Text: "hi"}, []channels.Reply{{Text: "hi"}}},
		{"quick replies", channels.Reply{Text: "?", QuickReplies: yes}, []channels.Reply{{Text: "?", Buttons: yes}}},
		{
			"elements",
			channels.Reply{RecipientID: "ann", Elements: []channels.Element{{Title: "A", Subtitle: "a", Buttons: yes}, {Title: "B"}}},
			[]channels.Reply{
				{RecipientID: "ann", Text: "A : a", Buttons: yes},
				{RecipientID: "ann", Text: "B : ", Buttons: []channels.Button{}},
			},
		},
		{"keys for other platforms", channels.Reply{Text: "hi", Extra: map[string]json.RawMessage{"button_type": []byte(`"reply"`)}}, []channels.Reply{{Text: "hi"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var want []channels.Part
			for _, r := range c.want {
				want = append(want, channels.Part{ID: "p1", Channel: "callback", Sender: "ann", Address: "a", Reply: r})
			}
			fitter := channeltest.Open(t, callback.Type(), callback.Type().Example).(channels.Fitter)
			part := channels.Part{ID: "p1", Channel: "callback", Sender: "ann", Address: "a", Reply: c.reply}
			got := fitter.Fit(part)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for i, p := range got { // what fits stays
				if diff := cmp.Diff(want[i:i+1], fitter.Fit(p)); diff != "" {
					t.Errorf("once more: -want +got:\n%s", diff)
				}
			}
		})
	}
}
