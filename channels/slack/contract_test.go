package slack_test

import (
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
		Take:      channeltest.Answer(http.StatusOK, `{"ok":true,"channel":"C2","ts":"1790000000.000100"}`),
	}
}

// recipient returns whom a call writes to.
func recipient(t *testing.T, r *http.Request) string {
	t.Helper()
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
