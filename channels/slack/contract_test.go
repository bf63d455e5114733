package slack_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// local calls a Web API by http.
const local = "\napi_base_url: http://slack.example/api"

// platform answers as the Web API does, for the channels C1, in which the app is no member, and
// C2.
func platform(t *testing.T, block string) channeltest.Platform {
	own := strings.Replace(payload(t, "streaming_state"), `"bot_id"`, `"user":"U0BOT1","bot_id"`, 1)
	return channeltest.Platform{
		Block: block + local, Refused: "U1_C1_1.1", Taken: "U1_C2_1.1",
		Ignored: map[string]string{
			"what another bot has said": event(`"type":"message","text":"a","bot_id":"B7"`),
			"somebody joined":           event(`"type":"message","subtype":"channel_join","text":"a"`),
			"too many events":           payload(t, "app_rate_limited"),
			"an unknown kind":           envelope(`"type":"telepathy"`),
		},
		Delivers: channeltest.Deliveries{
			Sign: func(c channeltest.Case, at time.Time) channeltest.Case {
				c.Header = signed(at, c.Body)
				return c
			},
			Fresh: 5 * time.Minute,
			Own:   own,
			Kinds: map[channels.Kind]string{
				channels.KindButtons:    form(payload(t, `"mv:1"`)),
				channels.KindAttachment: payload(t, "file_share"),
			},
		},
		Recipient: func(r *http.Request) string { return recipient(t, r) },
		Refuse:    channeltest.Answer(http.StatusOK, `{"ok":false,"error":"not_in_channel"}`),
		Take:      channeltest.Answer(http.StatusOK, `{"ok":true,"channel":"C2","ts":"1790000000.000100","upload_url":"http://slack.example/upload","file_id":"F1"}`),
		Failures:  failures(),
		Screen: &channeltest.Screen{
			Max: 11_000, MaxButtons: 100, MaxPayload: 2000, Uploads: true, CodeBegins: "```", CodeEnds: "```",
			Edits:    channels.Rate{Count: 1, Per: time.Second},
			Markdown: "*bold* and _italic_, `code` and <https://x.example/a?b=1&amp;c=2|link>\n\n• 1 &lt; 2 &amp; 3 &gt; 2\n• &lt;!channel&gt; @\u200bhere _x",
			Read:     func(r *http.Request) channeltest.Shown { return shown(t, r) },
		},
	}
}

// failures are what Slack says in each class. TestOutboundFails has the whole list.
func failures() []channeltest.Failure {
	failure := func(code string, class channels.SendClass) channeltest.Failure {
		return channeltest.Failure{
			Name: code, Answer: channeltest.Answer(http.StatusOK, `{"ok":false,"error":"`+code+`"}`), Err: channels.SendError{Class: class, Code: code},
		}
	}
	slow := channeltest.Failure{Name: "429", Err: channels.SendError{Class: channels.SendThrottled, Code: "ratelimited", RetryAfter: 7 * time.Second}}
	slow.Answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		channeltest.Answer(http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`)(w, r)
	}
	return []channeltest.Failure{
		failure("invalid_auth", channels.SendUnauthorized), failure("is_archived", channels.SendGone), failure("invalid_blocks", channels.SendRejected),
		failure("internal_error", channels.SendUnavailable), slow,
		{Name: "a proxy's page", Answer: channeltest.Answer(502, "<html>"), Err: channels.SendError{Class: channels.SendUnavailable, Code: "502"}},
	}
}

// shown is what a person sees of a call.
func shown(t *testing.T, r *http.Request) (s channeltest.Shown) {
	t.Helper()
	path, body := r.URL.Path, readAll(t, r)
	switch {
	case path == "/upload":
		return channeltest.Shown{File: []byte(body)}
	case !strings.HasPrefix(path, "/api/chat."):
		return s
	}
	var call struct {
		Text     string
		Markdown string `json:"markdown_text"`
		Blocks   []struct {
			Type     string
			Text     json.RawMessage
			Elements []struct {
				Text    struct{ Text string }
				Value   string
				Options []struct {
					Text  struct{ Text string }
					Value string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &call); err != nil {
		t.Errorf("%s: %v: %s", path, err, body)
	}
	s = channeltest.Shown{Text: call.Text + call.Markdown, Adds: path == "/api/chat.appendStream" || path == "/api/chat.stopStream"}
	var sections []string
	for _, b := range call.Blocks {
		if b.Type == "section" || b.Type == "markdown" {
			sections = append(sections, channels.JSONText(b.Text, "text"))
		}
		for _, e := range b.Elements {
			for _, o := range e.Options {
				s.Buttons = append(s.Buttons, channels.Button{Title: o.Text.Text, Payload: o.Value})
			}
			if e.Options == nil {
				s.Buttons = append(s.Buttons, channels.Button{Title: e.Text.Text, Payload: e.Value})
			}
		}
	}
	if sections != nil {
		s.Text = strings.Join(sections, "\n")
	}
	return s
}

// recipient returns whom a call writes to.
func recipient(t *testing.T, r *http.Request) string {
	t.Helper()
	if r.URL.Path == "/upload" { // who knows the address may upload
		return ""
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		t.Errorf("%s: Authorization %q", r.URL.Path, r.Header.Get("Authorization"))
	}
	body := readAll(t, r)
	values, err := url.ParseQuery(body)
	if !strings.HasPrefix(body, "{") && err == nil {
		return values.Get("channel")
	}
	o := decode(t, []byte(body))
	for _, key := range []string{"channel", "channel_id"} {
		if channel, ok := o[key].(string); ok {
			return "U1_" + channel + "_1.1"
		}
	}
	return ""
}

func TestContract(t *testing.T) {
	t.Parallel()
	hello := payload(t, "client_msg_id")
	for name, block := range map[string]string{
		"streams": webhook, "edits": webhook + "\nstreaming: edit", "whole": webhook + "\nstreaming: \"off\"",
		"Rasa": webhook + "\nas_user: true\nuse_threads: true\nconversation_granularity: thread",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			typ := typ()
			typ.Example = block
			channeltest.Contract(t, typ, channeltest.Case{Body: hello}, platform(t, block))
		})
	}
}

// open opens a channel and returns it with its roles.
func open(t testing.TB, block string) channel {
	t.Helper()
	c, ok := channeltest.Open(t, typ(), block).(channel)
	if !ok {
		t.Fatal("roles are missing")
	}
	return c
}

type channel interface {
	channels.Channel
	channels.Sender
	channels.Fitter
	channels.Streamer
	channels.StreamCloser
	channels.Media
	channels.Runner
	channels.Prober
	channels.Addresser
	channels.Keyer
	channels.Limited
}
